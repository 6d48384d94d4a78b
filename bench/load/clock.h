// The clock of both programs: its stamps can be compared across processes of one machine.

#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>
#include <time.h>

#define NANOS_PER_SECOND 1000000000LL
#define NANOS_PER_MILLI 1000000LL

static inline int64_t now_nanos(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * NANOS_PER_SECOND + time.tv_nsec;
}

#endif
