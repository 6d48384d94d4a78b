// Reads chunked bodies (RFC 9112, section 7.1) piece by piece, as they come.

#ifndef CHUNKS_H
#define CHUNKS_H

#include <stdbool.h>
#include <stddef.h>

struct chunk_reader {
  enum { CHUNK_SIZE, CHUNK_DATA, CHUNK_DATA_END, CHUNK_TRAILER, CHUNKS_DONE } state;
  size_t left;
  /** Characters of the line that is being read, without its end. */
  size_t line_length;
  bool in_extension;
};

typedef void (*chunk_sink)(void *owner, const char *bytes, size_t length);

void begin_chunks(struct chunk_reader *reader);

/** Returns how many bytes were used; fewer than `length` only when the body is at its end. */
size_t read_chunks(struct chunk_reader *reader, const char *bytes, size_t length, chunk_sink sink,
                   void *owner);

#endif
