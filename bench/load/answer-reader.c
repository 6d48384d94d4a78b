#define _GNU_SOURCE
#include "answer-reader.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define STAMP_MARK '~'
#define STAMP_DIGITS 19

void begin_answer(struct answer_reader *reader, void (*on_stamp)(int64_t stamp)) {
  reader->state = READ_HEAD;
  reader->head_length = 0;
  reader->status = 0;
  reader->closes = false;
  reader->body_bytes = 0;
  reader->stamp_digits = 0;
  reader->on_stamp = on_stamp;
  reader->sample_length = 0;
}

/** `stamp_digits` counts from 1 with the mark, so that 0 is outside. */
static void find_stamps(struct answer_reader *reader, const char *bytes, size_t length) {
  const char *end = bytes + length;
  while (bytes < end) {
    if (reader->stamp_digits == 0) {
      bytes = memchr(bytes, STAMP_MARK, (size_t)(end - bytes));
      if (bytes == NULL) return;
      bytes++;
      reader->stamp_digits = 1;
      reader->stamp = 0;
    } else if (*bytes < '0' || *bytes > '9') {
      reader->stamp_digits = 0;
    } else {
      reader->stamp = reader->stamp * 10 + (*bytes++ - '0');
      if (reader->stamp_digits++ == STAMP_DIGITS) {
        reader->stamp_digits = 0;
        reader->on_stamp(reader->stamp);
      }
    }
  }
}

static void take_body(void *owner, const char *bytes, size_t length) {
  struct answer_reader *reader = owner;
  size_t room = sizeof reader->sample - 1 - reader->sample_length;
  size_t kept = length < room ? length : room;
  memcpy(reader->sample + reader->sample_length, bytes, kept);
  reader->sample_length += kept;
  reader->sample[reader->sample_length] = '\0';
  reader->body_bytes += length;
  find_stamps(reader, bytes, length);
}

/** RFC 9112, section 6.3: chunks before a length; without either the connection's end counts. */
static void parse_head(struct answer_reader *reader) {
  const char *head = reader->head;
  reader->status = strncmp(head, "HTTP/1.", 7) == 0 ? atoi(head + 9) : 0;
  reader->closes = strcasestr(head, "\r\nconnection: close") != NULL;
  const char *length = strcasestr(head, "\r\ncontent-length:");
  if (strcasestr(head, "\r\ntransfer-encoding: chunked") != NULL) {
    begin_chunks(&reader->chunks);
    reader->state = READ_CHUNKS;
  } else if (length != NULL) {
    reader->body_left = strtoul(length + 17, NULL, 10);
    reader->state = reader->body_left > 0 ? READ_LENGTH : READ_DONE;
  } else {
    reader->state = READ_TO_END;
    reader->closes = true;
  }
}

/** Returns how many bytes belonged to the head. */
static size_t take_head(struct answer_reader *reader, const char *bytes, size_t length) {
  size_t before = reader->head_length;
  size_t kept = length < HEAD_BYTES - before ? length : HEAD_BYTES - before;
  memcpy(reader->head + before, bytes, kept);
  reader->head_length += kept;
  reader->head[reader->head_length] = '\0';
  char *end = strstr(reader->head, "\r\n\r\n");
  if (end == NULL) {
    if (reader->head_length == HEAD_BYTES) reader->state = READ_FAILED;
    return length;
  }
  end[2] = '\0';
  parse_head(reader);
  return (size_t)(end + 4 - reader->head) - before;
}

void read_answer(struct answer_reader *reader, const char *bytes, size_t length) {
  while (length > 0 && reader->state < READ_DONE) {
    size_t used = length;
    if (reader->state == READ_HEAD) used = take_head(reader, bytes, length);
    else if (reader->state == READ_CHUNKS) {
      used = read_chunks(&reader->chunks, bytes, length, take_body, reader);
      if (reader->chunks.state == CHUNKS_DONE) reader->state = READ_DONE;
    } else {
      if (reader->state == READ_LENGTH && used > reader->body_left) used = reader->body_left;
      take_body(reader, bytes, used);
      if (reader->state == READ_LENGTH && (reader->body_left -= used) == 0) {
        reader->state = READ_DONE;
      }
    }
    bytes += used;
    length -= used;
  }
  // Bytes after the end belong to no request.
  if (length > 0) reader->state = READ_FAILED;
}

void end_answer(struct answer_reader *reader) {
  reader->state = reader->state == READ_TO_END ? READ_DONE : READ_FAILED;
}
