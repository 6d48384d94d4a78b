// What the upstream answers: texts as the two large providers send them, with their heads. The
// counts of the usage are the same in all of them, so that every answer has the same price.

#ifndef ANSWERS_H
#define ANSWERS_H

#include <stddef.h>
#include <stdint.h>

enum protocol { CHAT, MESSAGES, PROTOCOLS };

struct text {
  char *bytes;
  size_t length;
};

struct answers {
  /** Head and body. */
  struct text json;
  /** Head, 101 events and the end. */
  struct text canned;
  /** Head and the events before the first text. */
  struct text opening;
  /** The events after the last text, and the end of the body. */
  struct text closing;
};

/** The longest text that `write_text_event` writes. */
#define EVENT_BYTES 1024

struct answers make_answers(enum protocol protocol);

/** One event with a stamp in its text, framed as one chunk. Returns its length. */
size_t write_text_event(char *out, enum protocol protocol, int64_t stamp);

#endif
