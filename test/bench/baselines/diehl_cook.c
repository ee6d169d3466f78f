/* The network of Diehl and Cook (2015) with learning, as one loop in C: what a compiler makes of the equations when nothing stands around
 * them. Every step moves both populations in passes that compilers turn into vectors, then delivers the spikes of the step.
 * Potentials in mV, conductances in units of the leak's, times in ms, steps of 0.5 ms by forward Euler.
 *
 * diehl_cook NET: NET holds int32 inputs, neurons, steps and events, double weights[inputs][neurons], int32 steps of the events and
 * their inputs, in order. For every line on standard input one run from the start; the answer is a line of JSON with its
 * milliseconds and spikes of excitatory neurons, and with these one by one where the line is "spikes". */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifndef REAL
#define REAL float
#endif
#define INPUTS 784
#define NEURONS 400
#define MOST_SPIKES 1000000
/* Steps from a spike to the first in which the membrane moves again. */
#define REST_EXCITATORY 10
#define REST_INHIBITORY 4

typedef struct {
  REAL v[NEURONS], excitation[NEURONS], inhibition[NEURONS], threshold[NEURONS];
  int32_t wakes[NEURONS];
} Population;

static int steps, events;
static double *initial;
static int32_t *at, *from;
static REAL weights[INPUTS][NEURONS], traces[INPUTS];
static Population excitatory, inhibitory;
static struct { int32_t step, neuron; } spikes[MOST_SPIKES];

static void *load(FILE *file, size_t size, size_t count) {
  void *data = malloc(size * count + 1);
  if (data == NULL || fread(data, size, count, file) != count) {
    fprintf(stderr, "diehl_cook: the net is shorter than it says\n");
    exit(1);
  }
  return data;
}

static void start(void) {
  for (int i = 0; i < INPUTS; i++) for (int n = 0; n < NEURONS; n++) weights[i][n] = (REAL)initial[i * NEURONS + n];
  memset(traces, 0, sizeof traces);
  memset(&excitatory, 0, sizeof excitatory);
  memset(&inhibitory, 0, sizeof inhibitory);
  for (int n = 0; n < NEURONS; n++) {
    excitatory.v[n] = -65;
    excitatory.threshold[n] = 20;
    inhibitory.v[n] = -60;
  }
}

static void move(int step) {
  const REAL shareE = (REAL)(0.5 / 100), shareI = (REAL)(0.5 / 10), fallen = (REAL)(0.5 / 1e7);
  Population *e = &excitatory, *i = &inhibitory;
  for (int n = 0; n < NEURONS; n++) {
    const REAL v = e->v[n], pull = (-65 - v) + e->excitation[n] * (0 - v) + e->inhibition[n] * (-100 - v);
    e->v[n] = e->wakes[n] <= step ? v + shareE * pull : v;
    e->excitation[n] *= (REAL)0.5;
    e->inhibition[n] *= (REAL)0.75;
    e->threshold[n] -= fallen * e->threshold[n];
  }
  for (int n = 0; n < NEURONS; n++) {
    const REAL v = i->v[n], pull = (-60 - v) + i->excitation[n] * (0 - v);
    i->v[n] = i->wakes[n] <= step ? v + shareI * pull : v;
    i->excitation[n] *= (REAL)0.5;
  }
}

/* Δw = 0.01·(trace − 0.4)·(1 − w) for the weights into a neuron that spiked. */
static void learn(int n) {
  for (int i = 0; i < INPUTS; i++) {
    const REAL w = weights[i][n], grown = w + (REAL)0.01 * (traces[i] - (REAL)0.4) * (1 - w);
    weights[i][n] = grown < 0 ? 0 : grown > 1 ? 1 : grown;
  }
}

static int simulate(void) {
  const REAL kept = (REAL)exp(-0.5 / 20);
  Population *e = &excitatory, *i = &inhibitory;
  int count = 0, event = 0;
  for (int step = 0; step < steps; step++) {
    int fired[NEURONS], answered[NEURONS], firing = 0, answering = 0, any = 0;
    move(step);
    for (int k = 0; k < INPUTS; k++) traces[k] *= kept;
    for (int n = 0; n < NEURONS; n++) any |= (e->v[n] > e->threshold[n] - 72) | (i->v[n] > -40);
    for (int n = 0; any && n < NEURONS; n++) {
      if (e->v[n] > e->threshold[n] - 72 && e->wakes[n] <= step) fired[firing++] = n;
      if (i->v[n] > -40 && i->wakes[n] <= step) answered[answering++] = n;
    }
    for (; event < events && at[event] == step; event++) {
      const REAL *row = weights[from[event]];
      for (int n = 0; n < NEURONS; n++) e->excitation[n] += row[n];
      traces[from[event]] += 1;
    }
    for (int k = 0; k < firing; k++) {
      const int n = fired[k];
      learn(n);
      e->v[n] = -65;
      e->threshold[n] += (REAL)0.05;
      e->wakes[n] = step + REST_EXCITATORY;
      i->excitation[n] += (REAL)10.4;
      if (count < MOST_SPIKES) {
        spikes[count].step = step;
        spikes[count].neuron = n;
      }
      count++;
    }
    for (int k = 0; k < answering; k++) {
      const int n = answered[k];
      const REAL own = e->inhibition[n];
      for (int m = 0; m < NEURONS; m++) e->inhibition[m] += 17;
      e->inhibition[n] = own;
      i->v[n] = -45;
      i->wakes[n] = step + REST_INHIBITORY;
    }
  }
  return count;
}

int main(int argc, char **argv) {
  FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
  if (file == NULL) {
    fprintf(stderr, "usage: diehl_cook NET\n");
    return 2;
  }
  int32_t *head = load(file, sizeof *head, 4);
  if (head[0] != INPUTS || head[1] != NEURONS) return 1;
  steps = head[2];
  events = head[3];
  initial = load(file, sizeof *initial, INPUTS * NEURONS);
  at = load(file, sizeof *at, events);
  from = load(file, sizeof *from, events);
  char line[64];
  while (fgets(line, sizeof line, stdin) != NULL) {
    struct timespec begun, done;
    start();
    clock_gettime(CLOCK_MONOTONIC, &begun);
    int count = simulate();
    clock_gettime(CLOCK_MONOTONIC, &done);
    printf("{\"ms\": %.6f, \"count\": %d", (done.tv_sec - begun.tv_sec) * 1e3 + (done.tv_nsec - begun.tv_nsec) / 1e6, count);
    if (strncmp(line, "spikes", 6) == 0) {
      printf(", \"spikes\": [");
      for (int k = 0; k < count && k < MOST_SPIKES; k++) printf("%s[%d,%d]", k ? "," : "", spikes[k].step, spikes[k].neuron);
      printf("]");
    }
    printf("}\n");
    fflush(stdout);
  }
  return 0;
}
