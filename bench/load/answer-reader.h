// Reads one answer of HTTP/1.1 as it comes, and the stamps that the upstream writes into its
// events.

#ifndef ANSWER_READER_H
#define ANSWER_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "chunks.h"

#define HEAD_BYTES 16384

struct answer_reader {
  enum { READ_HEAD, READ_LENGTH, READ_CHUNKS, READ_TO_END, READ_DONE, READ_FAILED } state;
  char head[HEAD_BYTES + 1];
  size_t head_length;
  int status;
  bool closes;
  size_t body_left;
  struct chunk_reader chunks;
  uint64_t body_bytes;
  /** Digits of a stamp that were read so far, when it is cut in two; 0 outside of stamps. */
  int stamp_digits;
  int64_t stamp;
  /** Called for each whole stamp; 0 is that of a canned answer. */
  void (*on_stamp)(int64_t stamp);
  /** The first bytes of the body, to be shown where it is no answer. */
  char sample[301];
  size_t sample_length;
};

void begin_answer(struct answer_reader *reader, void (*on_stamp)(int64_t stamp));
void read_answer(struct answer_reader *reader, const char *bytes, size_t length);
/** The connection has ended: a fault, unless the answer has no other end. */
void end_answer(struct answer_reader *reader);

#endif
