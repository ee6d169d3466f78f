/* 28×28 → 12C5 → neurons → P2 → 32C5 → neurons → P2 → dense → 10 neurons, event by event: int8 weights, 16-bit sums, float membranes in
 * units of the weights. Maps lie [y][x][channel], so that what one event changes is a few runs of memory. Averages are kept as sums of
 * four, and thresholds behind them are four times as high.
 *
 * conv NET: NET holds int32 steps, samples; float decay, then the threshold of each of the three populations, which is also what a spike
 * takes away; int8 weights [12][5][5], [32][12][5][5] and [10][32·4·4]; for every sample and step the inputs as bits of 13 words of
 * 64. To "counts" the answer is a line of JSON with the output spikes of all samples, to a number of repeats the microseconds per
 * sample. */
#include "lanes.h"
#include "net-file.h"
#include "answers.h"

typedef int16_t sums_t __attribute__((vector_size(2 * LANES), aligned(2), may_alias));

enum { IN = 28, WORDS = 13, KERNEL = 5, EDGE = KERNEL - 1 };
enum { C1 = 12, S1 = 24, N1 = S1 * S1 * C1, P1 = 12, STRIDE1 = 16 };
enum { C2 = 32, S2 = 8, N2 = S2 * S2 * C2, P2 = 4 };
enum { OUTPUTS = 10, STRIDE_OUT = 16, RUN = 64 };
/* The first map with a margin on all sides: every input then reaches 5×5 pixels, some of which nobody reads. */
enum { WIDE = S1 + 2 * EDGE };

static int steps, samples;
static float decay, threshold[3];
static const uint64_t *spikes;
/* A line of the kernel as one input brings it to five pixels side by side, from left to right: mirrored, and filled up with zeros. */
static int16_t first[KERNEL][RUN];
static int16_t second[KERNEL][KERNEL][C1][C2];
static int16_t third[P2 * P2 * C2][STRIDE_OUT];

/** One step of `size` neurons, a multiple of 16: spikes as bytes of 0 and 1. */
static inline void step(float *v, const int16_t *sums, float theta, int size, uint8_t *fired) {
#if defined(__SSE4_1__) && !defined(__AVX2__)
  /* Spelled out, because GCC takes the loop below apart where vectors have 128 bits. */
  const __m128 limit = _mm_set1_ps(theta), left = _mm_set1_ps(decay);
  for (int j = 0; j < size; j += 16) {
    __m128i above[4];
    for (int k = 0; k < 4; k++) {
      const int at = j + 4 * k;
      const __m128 sum = _mm_cvtepi32_ps(_mm_cvtepi16_epi32(_mm_loadl_epi64((const __m128i *)(sums + at))));
      const __m128 now = _mm_add_ps(_mm_mul_ps(_mm_loadu_ps(v + at), left), sum);
      const __m128 mask = _mm_cmpgt_ps(now, limit);
      _mm_storeu_ps(v + at, _mm_sub_ps(now, _mm_and_ps(mask, limit)));
      above[k] = _mm_castps_si128(mask);
    }
    const __m128i bytes = _mm_packs_epi16(_mm_packs_epi32(above[0], above[1]), _mm_packs_epi32(above[2], above[3]));
    _mm_storeu_si128((__m128i *)(fired + j), _mm_and_si128(bytes, _mm_set1_epi8(1)));
  }
#else
  for (int j = 0; j < size; j++) {
    const float now = v[j] * decay + sums[j];
    fired[j] = now > theta;
    v[j] = now > theta ? now - theta : now;
  }
#endif
}

/** Adds what one input spike brings to the map. */
static inline void scatter(int16_t *map, int y, int x) {
  for (int ky = 0; ky < KERNEL; ky++) {
    /* The map's pixel (0, 0) stands for −4, −4. The zeros at the end of a run fall on a pixel that is read, and change nothing. */
    int16_t *to = map + ((y - ky + EDGE) * WIDE + x) * C1;
    for (int k = 0; k < RUN; k += LANES) *(sums_t *)(to + k) += *(const sums_t *)(first[ky] + k);
  }
}

/** What the second convolution gets: at each pixel the channels that spiked, and how many of their four neurons. */
typedef struct {
  uint16_t channels[P1][P1];
  uint8_t counts[P1][P1][STRIDE1];
} pooled_t;

static void pool(pooled_t *pooled, const uint8_t *fired) {
  typedef uint8_t bytes_t __attribute__((vector_size(STRIDE1), aligned(1), may_alias));
  for (int y = 0; y < P1; y++)
    for (int x = 0; x < P1; x++) {
      const uint8_t *from = fired + (2 * y * S1 + 2 * x) * C1, *below = from + S1 * C1;
      const bytes_t sum =
          *(const bytes_t *)from + *(const bytes_t *)(from + C1) + *(const bytes_t *)below + *(const bytes_t *)(below + C1);
      memcpy(pooled->counts[y][x], &sum, STRIDE1);
      /* The last four bytes belong to the next pixel. */
      unsigned some = 0;
#ifdef __SSE4_1__
      some = (unsigned)~_mm_movemask_epi8(_mm_cmpeq_epi8((__m128i)sum, _mm_setzero_si128()));
#else
      for (int c = 0; c < C1; c++) some |= (unsigned)(sum[c] > 0) << c;
#endif
      pooled->channels[y][x] = (uint16_t)(some & ((1 << C1) - 1));
    }
}

/* Each active channel of the pooled column `ix` adds to those of the eight sums s0 … s7 of an output row that it reaches. All conditions
 * are on constants, so that the sums can stay in registers. */
#define REACH(ox, ix) \
  if ((ix) >= (ox) && (ix) - (ox) < KERNEL) s##ox += *(const sums_t *)&kernels[((ix) - (ox) + KERNEL) % KERNEL][c][block] * count;
#define COLUMN(ix)                                                                     \
  for (unsigned m = pooled->channels[oy + ky][ix]; m; m &= m - 1) {                    \
    const int c = __builtin_ctz(m);                                                    \
    const int16_t count = pooled->counts[oy + ky][ix][c];                              \
    REACH(0, ix) REACH(1, ix) REACH(2, ix) REACH(3, ix) REACH(4, ix) REACH(5, ix) REACH(6, ix) REACH(7, ix) \
  }

/** Row `oy` of the second map, as many channels at a time as one register holds. */
static void convolve_row(const pooled_t *pooled, int oy, int16_t (*row)[C2]) {
  for (int block = 0; block < C2; block += LANES) {
    sums_t s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0}, s4 = {0}, s5 = {0}, s6 = {0}, s7 = {0};
    for (int ky = 0; ky < KERNEL; ky++) {
      const int16_t(*kernels)[C1][C2] = second[ky];
      COLUMN(0) COLUMN(1) COLUMN(2) COLUMN(3) COLUMN(4) COLUMN(5)
      COLUMN(6) COLUMN(7) COLUMN(8) COLUMN(9) COLUMN(10) COLUMN(11)
    }
    const sums_t sums[S2] = {s0, s1, s2, s3, s4, s5, s6, s7};
    for (int x = 0; x < S2; x++) memcpy(&row[x][block], &sums[x], sizeof(sums_t));
  }
}

/** Adds the dense rows of the spikes of row `y` of the second map, each to the window of two by two that it belongs to. */
static void add_dense(const uint8_t *fired, int y, int16_t *sums) {
  for (int j = 0; j < S2 * C2; j += 8) {
    uint64_t eight;
    memcpy(&eight, fired + j, 8);
    const int x = j / C2, window = (y / 2) * P2 + x / 2;
    for (; eight; eight &= eight - 1) {
      const int16_t *weights = third[window * C2 + j % C2 + (__builtin_ctzll(eight) >> 3)];
      for (int k = 0; k < STRIDE_OUT; k++) sums[k] += weights[k];
    }
  }
}

static void run(const uint64_t *bits, int *counts) {
  static int16_t map[(WIDE * WIDE + 1) * C1 + RUN];
  static float v1[N1], v2[N2];
  static uint8_t fired1[N1 + STRIDE1], fired2[S2 * C2];
  float v3[STRIDE_OUT] = {0};
  memset(v1, 0, sizeof v1);
  memset(v2, 0, sizeof v2);
  for (int t = 0; t < steps; t++, bits += WORDS) {
    memset(map, 0, sizeof map);
    for (int w = 0; w < WORDS; w++)
      for (uint64_t m = bits[w]; m; m &= m - 1) {
        const int input = 64 * w + __builtin_ctzll(m);
        scatter(map, input / IN, input % IN);
      }
    for (int y = 0; y < S1; y++) {
      const int from = y * S1 * C1;
      step(v1 + from, map + ((y + EDGE) * WIDE + EDGE) * C1, threshold[0], S1 * C1, fired1 + from);
    }
    pooled_t pooled;
    pool(&pooled, fired1);
    int16_t last[STRIDE_OUT] = {0};
    for (int y = 0; y < S2; y++) {
      int16_t row[S2][C2];
      convolve_row(&pooled, y, row);
      step(v2 + y * S2 * C2, row[0], threshold[1], S2 * C2, fired2);
      add_dense(fired2, y, last);
    }
    uint8_t fired3[STRIDE_OUT];
    step(v3, last, threshold[2], STRIDE_OUT, fired3);
    for (int j = 0; j < OUTPUTS; j++) counts[j] += fired3[j];
  }
}

static void load_net(FILE *file) {
  const int32_t *head = load(file, 8);
  steps = head[0], samples = head[1];
  decay = *(float *)load(file, 4);
  memcpy(threshold, load(file, sizeof threshold), sizeof threshold);
  const int8_t *w = load(file, C1 * KERNEL * KERNEL);
  for (int c = 0; c < C1; c++)
    for (int ky = 0; ky < KERNEL; ky++)
      for (int kx = 0; kx < KERNEL; kx++) first[ky][(EDGE - kx) * C1 + c] = *w++;
  w = load(file, C2 * C1 * KERNEL * KERNEL);
  for (int o = 0; o < C2; o++)
    for (int c = 0; c < C1; c++)
      for (int ky = 0; ky < KERNEL; ky++)
        for (int kx = 0; kx < KERNEL; kx++) second[ky][kx][c][o] = *w++;
  w = load(file, OUTPUTS * C2 * P2 * P2);
  for (int j = 0; j < OUTPUTS; j++)
    for (int c = 0; c < C2; c++)
      for (int window = 0; window < P2 * P2; window++) third[window * C2 + c][j] = *w++;
  spikes = load(file, 8 * (size_t)WORDS * steps * samples);
}

static void infer(int sample, int *counts) {
  run(spikes + (size_t)sample * steps * WORDS, counts);
}

int main(int argc, char **argv) {
  load_net(open_net(argc, argv));
  answer_lines(samples, OUTPUTS, infer);
  return 0;
}
