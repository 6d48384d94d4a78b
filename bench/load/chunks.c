#include "chunks.h"

void begin_chunks(struct chunk_reader *reader) {
  *reader = (struct chunk_reader){.state = CHUNK_SIZE};
}

static int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

static void read_size(struct chunk_reader *reader, char c) {
  if (c == '\n') {
    reader->state = reader->left > 0 ? CHUNK_DATA : CHUNK_TRAILER;
    reader->in_extension = false;
    reader->line_length = 0;
    return;
  }
  int digit = reader->in_extension ? -1 : hex_digit(c);
  if (digit < 0) reader->in_extension = true;
  else reader->left = reader->left * 16 + (size_t)digit;
}

/** The body ends with the first empty line after the last chunk. */
static void read_trailer(struct chunk_reader *reader, char c) {
  if (c == '\r') return;
  if (c != '\n') reader->line_length++;
  else if (reader->line_length == 0) reader->state = CHUNKS_DONE;
  else reader->line_length = 0;
}

size_t read_chunks(struct chunk_reader *reader, const char *bytes, size_t length, chunk_sink sink,
                   void *owner) {
  size_t at = 0;
  while (at < length && reader->state != CHUNKS_DONE) {
    if (reader->state == CHUNK_DATA) {
      size_t part = length - at < reader->left ? length - at : reader->left;
      sink(owner, bytes + at, part);
      at += part;
      reader->left -= part;
      if (reader->left == 0) reader->state = CHUNK_DATA_END;
      continue;
    }
    char c = bytes[at++];
    if (reader->state == CHUNK_SIZE) read_size(reader, c);
    else if (reader->state == CHUNK_TRAILER) read_trailer(reader, c);
    else if (c == '\n') reader->state = CHUNK_SIZE;
  }
  return at;
}
