/* A dense net of two layers of leaky integrate-and-fire neurons over spikes, event by event: int8 weights, 16-bit sums, float membranes in
 * units of the weights. Sums of the first layer stay in registers, a block of columns at a time.
 *
 * dense NET: NET holds int32 inputs, hidden (a multiple of 64, at most 1024), outputs (at most 16), steps, samples; float decay, then by
 * neuron of both layers the threshold and what a spike takes away; int8 weights [inputs][hidden] and [hidden][outputs]; for every
 * sample and step the inputs as bits of 64-bit words. To "counts" the answer is a line of JSON with the output spikes of all samples, to a
 * number of repeats the microseconds per sample. */
#include "widen.h"
#include "net-file.h"
#include "answers.h"

enum { MOST_INPUTS = 4096, MOST_HIDDEN = 1024, OUTPUTS = 16, BLOCK = 64, REGISTERS = BLOCK / LANES };

static int inputs, hidden, outputs, steps, samples, words;
static float decay, threshold[MOST_HIDDEN + OUTPUTS], taken[MOST_HIDDEN + OUTPUTS];
static const int8_t *first;
static int16_t second[MOST_HIDDEN][OUTPUTS];
static const uint64_t *spikes;

static void add_rows(int16_t *sums, const uint16_t *active, int count) {
  for (int c = 0; c < hidden; c += BLOCK) {
    sums_t s[REGISTERS] = {0};
    for (int r = 0; r < count; r++) {
      const int8_t *row = first + (size_t)active[r] * hidden + c;
#pragma GCC unroll 8
      for (int k = 0; k < REGISTERS; k++) s[k] += widen(row + k * LANES);
    }
    memcpy(sums + c, s, sizeof s);
  }
}

/** One step of `size` neurons, a multiple of 16; returns how many spike, and which. */
static int step(float *v, const int16_t *sums, const float *theta, const float *takes, int size, uint16_t *fired) {
#if defined(__SSE4_1__) && !defined(__AVX2__)
  /* Spelled out, because GCC takes the loop below apart where vectors have 128 bits. */
  int count = 0;
  for (int j = 0; j < size; j += 16) {
    __m128i masks[4];
    for (int k = 0; k < 4; k++) {
      const int at = j + 4 * k;
      const __m128 sum = _mm_cvtepi32_ps(_mm_cvtepi16_epi32(_mm_loadl_epi64((const __m128i *)(sums + at))));
      const __m128 now = _mm_add_ps(_mm_mul_ps(_mm_loadu_ps(v + at), _mm_set1_ps(decay)), sum);
      const __m128 above = _mm_cmpgt_ps(now, _mm_loadu_ps(theta + at));
      _mm_storeu_ps(v + at, _mm_sub_ps(now, _mm_and_ps(above, _mm_loadu_ps(takes + at))));
      masks[k] = _mm_castps_si128(above);
    }
    const __m128i low = _mm_packs_epi32(masks[0], masks[1]), high = _mm_packs_epi32(masks[2], masks[3]);
    for (unsigned m = (unsigned)_mm_movemask_epi8(_mm_packs_epi16(low, high)); m; m &= m - 1)
      fired[count++] = (uint16_t)(j + __builtin_ctz(m));
  }
  return count;
#else
  /* Without branches, so that compilers make vectors of it. */
  uint8_t above[MOST_HIDDEN];
  for (int j = 0; j < size; j++) {
    const float now = v[j] * decay + sums[j];
    above[j] = now > theta[j];
    v[j] = now > theta[j] ? now - takes[j] : now;
  }
  int count = 0;
  for (int j = 0; j < size; j += 8) {
    uint64_t eight;
    memcpy(&eight, above + j, 8);
    for (; eight; eight &= eight - 1) fired[count++] = (uint16_t)(j + (__builtin_ctzll(eight) >> 3));
  }
  return count;
#endif
}

static void run(const uint64_t *bits, int *counts) {
  float v1[MOST_HIDDEN] = {0}, v2[OUTPUTS] = {0};
  int16_t s1[MOST_HIDDEN] __attribute__((aligned(64)));
  uint16_t active[MOST_INPUTS], fired[MOST_HIDDEN];
  for (int t = 0; t < steps; t++, bits += words) {
    int count = 0;
    for (int w = 0; w < words; w++)
      for (uint64_t m = bits[w]; m; m &= m - 1) active[count++] = (uint16_t)(64 * w + __builtin_ctzll(m));
    add_rows(s1, active, count);
    count = step(v1, s1, threshold, taken, hidden, fired);
    int16_t s2[OUTPUTS] = {0};
    for (int k = 0; k < count; k++)
      for (int j = 0; j < OUTPUTS; j++) s2[j] += second[fired[k]][j];
    count = step(v2, s2, threshold + MOST_HIDDEN, taken + MOST_HIDDEN, OUTPUTS, fired);
    for (int k = 0; k < count; k++) counts[fired[k]]++;
  }
}

static void load_net(FILE *file) {
  const int32_t *head = load(file, 20);
  inputs = head[0], hidden = head[1], outputs = head[2], steps = head[3], samples = head[4];
  if (inputs > MOST_INPUTS || hidden > MOST_HIDDEN || hidden % BLOCK != 0 || outputs > OUTPUTS) exit(2);
  words = (inputs + 63) / 64;
  decay = *(float *)load(file, 4);
  const float *both[2];
  for (int k = 0; k < 2; k++) both[k] = load(file, 4 * (size_t)(hidden + outputs));
  for (int j = 0; j < OUTPUTS; j++) threshold[MOST_HIDDEN + j] = 1e30f;
  for (int j = 0; j < hidden + outputs; j++) {
    const int k = j < hidden ? j : MOST_HIDDEN + j - hidden;
    threshold[k] = both[0][j];
    taken[k] = both[1][j];
  }
  first = load(file, (size_t)inputs * hidden);
  const int8_t *weights = load(file, (size_t)hidden * outputs);
  for (int i = 0; i < hidden; i++)
    for (int j = 0; j < outputs; j++) second[i][j] = weights[i * outputs + j];
  spikes = load(file, 8 * (size_t)words * steps * samples);
}

static void infer(int sample, int *counts) {
  run(spikes + (size_t)sample * steps * words, counts);
}

int main(int argc, char **argv) {
  load_net(open_net(argc, argv));
  answer_lines(samples, outputs, infer);
  return 0;
}
