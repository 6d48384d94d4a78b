// Lists of measured times, and what is said of them.

#ifndef MEASURES_H
#define MEASURES_H

#include <stddef.h>
#include <stdint.h>

struct measures {
  float *micros;
  size_t count;
  size_t room;
};

void add_measure(struct measures *measures, int64_t nanos);

/** Prints `"name":{"count":…,"p50":…,"p90":…,"p99":…,"p999":…,"max":…}`; sorts the list. */
void print_measures(const char *name, struct measures *measures);

#endif
