/* Adds the int8 rows of the active inputs into 16-bit sums: the inner loop of a dense layer. Sums stay in registers, a block of columns
 * at a time, while all active rows pass.
 *
 * rows NET: NET holds int32 inputs, columns (at most 4096), active; int8 weights[inputs][columns]; int32 active inputs. To "sums" the
 * answer is a line of JSON with the sums, to a number of repeats the nanoseconds of one. */
#include "widen.h"
#include "net-file.h"

enum { MOST_COLUMNS = 4096, REGISTERS = 8, BLOCK = LANES * REGISTERS };

static int16_t sums[MOST_COLUMNS + BLOCK] __attribute__((aligned(64)));

static void add_rows(const int8_t *weights, int columns, const int32_t *active, int count) {
  int c = 0;
  for (; c + BLOCK <= columns; c += BLOCK) {
    sums_t s[REGISTERS] = {0};
    for (int r = 0; r < count; r++) {
      const int8_t *row = weights + (size_t)active[r] * columns + c;
#pragma GCC unroll 8
      for (int k = 0; k < REGISTERS; k++) s[k] += widen(row + k * LANES);
    }
    memcpy(sums + c, s, sizeof s);
  }
  for (; c + LANES <= columns; c += LANES) {
    sums_t s = {0};
    for (int r = 0; r < count; r++) s += widen(weights + (size_t)active[r] * columns + c);
    memcpy(sums + c, &s, sizeof s);
  }
  for (; c < columns; c++) {
    int16_t s = 0;
    for (int r = 0; r < count; r++) s += weights[(size_t)active[r] * columns + c];
    sums[c] = s;
  }
}

int main(int argc, char **argv) {
  FILE *file = open_net(argc, argv);
  const int32_t *head = load(file, 12);
  const int inputs = head[0], columns = head[1], count = head[2];
  if (columns > MOST_COLUMNS) return 2;
  const int8_t *weights = load(file, (size_t)inputs * columns);
  const int32_t *active = load(file, 4 * (size_t)count);
  char line[64];
  while (fgets(line, sizeof line, stdin)) {
    if (line[0] == 's') {
      add_rows(weights, columns, active, count);
      printf("{\"sums\":[");
      for (int c = 0; c < columns; c++) printf("%s%d", c ? "," : "", sums[c]);
      printf("]}\n");
    } else {
      const int repeats = atoi(line);
      struct timespec from, to;
      clock_gettime(CLOCK_MONOTONIC, &from);
      for (int k = 0; k < repeats; k++) {
        add_rows(weights, columns, active, count);
        __asm__ volatile("" ::: "memory");
      }
      clock_gettime(CLOCK_MONOTONIC, &to);
      printf("{\"ns\":%.2f}\n", ((to.tv_sec - from.tv_sec) * 1e9 + (to.tv_nsec - from.tv_nsec)) / repeats);
    }
    fflush(stdout);
  }
  return 0;
}
