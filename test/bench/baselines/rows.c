/* Adds the int8 rows of the active inputs into 16-bit sums: the inner loop of a dense layer. Sums stay in registers, a block of columns
 * at a time, while all active rows pass.
 *
 * rows NET: NET holds int32 inputs, columns (at most 4096), active; int8 weights[inputs][columns]; int32 active inputs. To "sums" the
 * answer is a line of JSON with the sums, to a number of repeats the nanoseconds of one. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#ifdef __SSE4_1__
#include <smmintrin.h>
#endif

#ifdef __AVX512BW__
enum { LANES = 32 };
#elif defined(__AVX2__)
enum { LANES = 16 };
#else
enum { LANES = 8 };
#endif
enum { MOST_COLUMNS = 4096, REGISTERS = 8, BLOCK = LANES * REGISTERS };
typedef int16_t sums_t __attribute__((vector_size(2 * LANES)));
typedef int8_t bytes_t __attribute__((vector_size(LANES), aligned(1), may_alias));

static int16_t sums[MOST_COLUMNS + BLOCK] __attribute__((aligned(64)));

static inline sums_t widen(const int8_t *p) {
#if defined(__SSE4_1__) && !defined(__AVX2__)
  /* One instruction, of which GCC 12 makes four where it is left to __builtin_convertvector. */
  return (sums_t)_mm_cvtepi8_epi16(_mm_loadl_epi64((const __m128i *)p));
#else
  return __builtin_convertvector(*(const bytes_t *)p, sums_t);
#endif
}

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

static void *load(FILE *file, size_t bytes) {
  void *data = malloc(bytes + 64);
  if (data == NULL || fread(data, 1, bytes, file) != bytes) {
    fprintf(stderr, "rows: the net is shorter than it says\n");
    exit(1);
  }
  return data;
}

int main(int argc, char **argv) {
  FILE *file = argc > 1 ? fopen(argv[1], "rb") : NULL;
  if (file == NULL) {
    fprintf(stderr, "rows: expected a net\n");
    return 2;
  }
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
