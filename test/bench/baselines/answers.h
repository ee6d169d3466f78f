/* What a program that infers answers: to "counts" a line of JSON with the output spikes of all samples, to a number of repeats the
 * microseconds per sample. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void answer_lines(int samples, int outputs, void (*infer)(int sample, int *counts)) {
  int *counts = calloc((size_t)samples * outputs, sizeof(int));
  char line[64];
  while (fgets(line, sizeof line, stdin)) {
    const int repeats = line[0] == 'c' ? 1 : atoi(line);
    struct timespec from, to;
    memset(counts, 0, (size_t)samples * outputs * sizeof(int));
    clock_gettime(CLOCK_MONOTONIC, &from);
    for (int k = 0; k < repeats; k++)
      for (int n = 0; n < samples; n++) infer(n, counts + n * outputs);
    clock_gettime(CLOCK_MONOTONIC, &to);
    if (line[0] != 'c') {
      printf("{\"us\":%.3f}\n", ((to.tv_sec - from.tv_sec) * 1e6 + (to.tv_nsec - from.tv_nsec) * 1e-3) / repeats / samples);
    } else {
      printf("{\"counts\":[");
      for (int k = 0; k < samples * outputs; k++) printf("%s%d", k ? "," : "", counts[k]);
      printf("]}\n");
    }
    fflush(stdout);
  }
}
