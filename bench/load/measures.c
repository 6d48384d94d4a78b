#include "measures.h"

#include <stdio.h>
#include <stdlib.h>

void add_measure(struct measures *measures, int64_t nanos) {
  if (measures->count == measures->room) {
    measures->room = measures->room == 0 ? 65536 : measures->room * 2;
    measures->micros = realloc(measures->micros, measures->room * sizeof(float));
    if (measures->micros == NULL) abort();
  }
  measures->micros[measures->count++] = (float)nanos / 1000.0f;
}

static int compare(const void *left, const void *right) {
  float a = *(const float *)left, b = *(const float *)right;
  return (a > b) - (a < b);
}

/** The nearest rank; 0 of an empty list. */
static double rank_of(const struct measures *measures, double share) {
  if (measures->count == 0) return 0;
  size_t rank = (size_t)(share * (double)measures->count);
  return measures->micros[rank < measures->count ? rank : measures->count - 1];
}

void print_measures(const char *name, struct measures *measures) {
  qsort(measures->micros, measures->count, sizeof(float), compare);
  printf("\"%s\":{\"count\":%zu,\"p50\":%.1f,\"p90\":%.1f,\"p99\":%.1f,\"p999\":%.1f,\"max\":%.1f}",
         name, measures->count, rank_of(measures, 0.5), rank_of(measures, 0.9),
         rank_of(measures, 0.99), rank_of(measures, 0.999), rank_of(measures, 1));
}
