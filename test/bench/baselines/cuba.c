/* The network of Vogels and Abbott (2005) with current-based synapses as one loop in C: what a compiler makes of the equations when
 * nothing stands around them. Cells are advanced in one pass that compilers turn into vectors, spikes go along lists of
 * targets. Potentials in mV from rest, times in ms, exact steps of 0.1 ms.
 *
 * cuba NET STEPS: NET holds int32 cells and excitatory cells, int32 offsets[cells + 1], uint16 targets, double potentials[cells]. For
 * every line on standard input one run from the start; the answer is a line of JSON with its milliseconds and spikes, and with the
 * spikes one by one where the line is "spikes". */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifndef REAL
#define REAL float
#endif
#define MOST_CELLS 8192
#define MOST_SPIKES 4000000
#define REST_STEPS 50

static int cells, excitatory, steps;
static int32_t *offsets;
static uint16_t *targets;
static double *potentials;
static REAL membrane[MOST_CELLS], raising[MOST_CELLS], lowering[MOST_CELLS];
static int32_t wakes[MOST_CELLS];
static uint8_t above[MOST_CELLS];
static struct { int32_t step, cell; } spikes[MOST_SPIKES];

static void *load(FILE *file, size_t size, size_t count) {
  void *data = malloc(size * count + 1);
  if (data == NULL || fread(data, size, count, file) != count) {
    fprintf(stderr, "cuba: the net is shorter than it says\n");
    exit(1);
  }
  return data;
}

static void start(void) {
  memset(raising, 0, sizeof raising);
  memset(lowering, 0, sizeof lowering);
  memset(wakes, 0, sizeof wakes);
  for (int c = 0; c < cells; c++) membrane[c] = (REAL)potentials[c];
}

static int spread(int cell, int step, int count) {
  REAL *currents = cell < excitatory ? raising : lowering;
  const REAL jump = cell < excitatory ? (REAL)1.62 : (REAL)-9;
  for (int32_t k = offsets[cell]; k < offsets[cell + 1]; k++) currents[targets[k]] += jump;
  membrane[cell] = -11;
  wakes[cell] = step + REST_STEPS;
  if (count < MOST_SPIKES) {
    spikes[count].step = step;
    spikes[count].cell = cell;
  }
  return count + 1;
}

static int simulate(void) {
  const double m = exp(-0.1 / 20), r = exp(-0.1 / 5), l = exp(-0.1 / 10);
  const REAL kept = (REAL)m, left = (REAL)r, leftLowering = (REAL)l;
  const REAL fromRaising = (REAL)(5. / (5 - 20) * (r - m)), fromLowering = (REAL)(10. / (10 - 20) * (l - m));
  int count = 0;
  for (int step = 0; step < steps; step++) {
    for (int c = 0; c < cells; c++) {
      const REAL moved = membrane[c] * kept + raising[c] * fromRaising + lowering[c] * fromLowering;
      membrane[c] = wakes[c] <= step ? moved : membrane[c];
      raising[c] *= left;
      lowering[c] *= leftLowering;
      above[c] = membrane[c] > -1;
    }
    for (int c = 0; c < cells; c += 8) {
      uint64_t any;
      memcpy(&any, above + c, 8);
      if (any == 0) continue;
      for (int cell = c; cell < c + 8; cell++) if (above[cell]) count = spread(cell, step, count);
    }
  }
  return count;
}

int main(int argc, char **argv) {
  FILE *file = argc == 3 ? fopen(argv[1], "rb") : NULL;
  if (file == NULL) {
    fprintf(stderr, "usage: cuba NET STEPS\n");
    return 2;
  }
  int32_t *head = load(file, sizeof *head, 2);
  cells = head[0];
  excitatory = head[1];
  steps = atoi(argv[2]);
  if (cells < 1 || cells > MOST_CELLS || cells % 8 != 0) return 1;
  offsets = load(file, sizeof *offsets, cells + 1);
  targets = load(file, sizeof *targets, offsets[cells]);
  potentials = load(file, sizeof *potentials, cells);
  char line[64];
  while (fgets(line, sizeof line, stdin) != NULL) {
    struct timespec from, to;
    start();
    clock_gettime(CLOCK_MONOTONIC, &from);
    int count = simulate();
    clock_gettime(CLOCK_MONOTONIC, &to);
    printf("{\"ms\": %.6f, \"count\": %d", (to.tv_sec - from.tv_sec) * 1e3 + (to.tv_nsec - from.tv_nsec) / 1e6, count);
    if (strncmp(line, "spikes", 6) == 0) {
      printf(", \"spikes\": [");
      for (int k = 0; k < count && k < MOST_SPIKES; k++) printf("%s[%d,%d]", k ? "," : "", spikes[k].step, spikes[k].cell);
      printf("]");
    }
    printf("}\n");
    fflush(stdout);
  }
  return 0;
}
