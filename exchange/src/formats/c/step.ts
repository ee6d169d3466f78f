/**
 * The step of the integer form (docs/semantics.md §2) in C99, the same for every net. It stands on two habits of all
 * compilers: numbers are two's complement, and >> of a negative one keeps its sign. Sums of 64 bits only add and
 * compare: small processors have no multiplication, shift or division of 64 bits.
 */
export const STEP_IN_C = `#include <stdint.h>

/* Constants of a population, one for neurons that share them; an array that it does not need is null. */
typedef struct {
  int bits, fraction, hand_on, many, a_fraction;
  const int32_t *decay, *bias, *threshold, *reset, *subtract, *minimum, *maximum, *rest;
  const int32_t *i_decay, *i_gain, *i_bias, *a_decay, *a_rise;
} net_population;

static inline int32_t net_clamp(int32_t v, int32_t low, int32_t high) { return v < low ? low : v > high ? high : v; }

static inline int32_t net_saturated(int64_t v, int bits) {
  const int32_t end = INT32_MAX >> (32 - bits);
  return v > end ? end : v < -end - 1 ? -end - 1 : (int32_t)v;
}

/* (v * a) / 2^15 for a from -2^15 + 1 to 2^15, by halves of v; v * 2^bits; v / 2^bits. To nearest, ties up. */
static inline int32_t net_scaled(int32_t v, int32_t a) {
  return (v >> 16) * a * 2 + (((v & 65535) * a + 16384) >> 15);
}
static inline int32_t net_raised(int32_t v, int bits) { return (int32_t)((uint32_t)v << bits); }
static inline int32_t net_lowered(int32_t v, int bits) { return (v >> bits) + ((v >> (bits - 1)) & 1); }

static inline void net_zero(void *bytes, uint32_t size) {
  for (unsigned char *byte = (unsigned char *)bytes; size > 0; size--) *byte++ = 0;
}

static inline void net_clear(int32_t *x, int n) {
  while (n-- > 0) x[n] = 0;
}

/* Inputs of a dense connection that are not 0, with their rows of weights, until there are four. */
typedef struct {
  int count;
  const int8_t *w[4];
  int32_t x[4];
} net_rows;

/* e += w * x of four rows, which load and store e once; rows that are missing count 0. */
static inline void net_add(net_rows *r, int outputs, int32_t *e) {
  if (r->count == 0) return;
  for (; r->count < 4; r->count++) r->w[r->count] = r->w[0], r->x[r->count] = 0;
  const int8_t *a = r->w[0], *b = r->w[1], *c = r->w[2], *d = r->w[3];
  const int32_t p = r->x[0], q = r->x[1], s = r->x[2], t = r->x[3];
  for (int o = 0; o < outputs; o++) e[o] += a[o] * p + b[o] * q + c[o] * s + d[o] * t;
  r->count = 0;
}

/* Takes an input, with its row of weights. */
static inline void net_take(net_rows *r, const int8_t *w, int outputs, int32_t x, int32_t *e) {
  if (x == 0) return;
  r->w[r->count] = w;
  r->x[r->count++] = x;
  if (r->count == 4) net_add(r, outputs, e);
}

/* The same over synapses listed by input: those of i are first[i] to first[i + 1] - 1. */
static inline void net_listed(const uint32_t *first, const uint32_t *target, const int8_t *w, int shift, int i,
                              int32_t x, int32_t *e) {
  if (x == 0) return;
  x = net_raised(x, shift);
  for (uint32_t k = first[i]; k < first[i + 1]; k++) e[target[k]] += w[k] * x;
}

/* One step of neuron n, with constants c, that gets x: its spikes, or of a read-out what it hands on. */
static inline int8_t net_neuron(const net_population *p, int c, int n, int32_t x, int32_t *v, int32_t *i, int32_t *a,
                                int32_t *rest) {
  x = p->fraction >= 0 ? net_raised(x, p->fraction) : net_lowered(x, -p->fraction);
  if (p->i_decay) {
    i[n] = net_saturated((int64_t)net_scaled(i[n], p->i_decay[c]) + x + p->i_bias[c], p->bits);
    x = net_scaled(i[n], p->i_gain[c]);
  }
  if (p->a_decay) a[n] = net_scaled(a[n], p->a_decay[c]);
  if (p->rest && rest[n] > 0) {
    rest[n]--;
    return 0;
  }
  v[n] = net_saturated((int64_t)net_scaled(v[n], p->decay[c]) + x + p->bias[c], p->bits);
  const int32_t floored = p->minimum && v[n] < p->minimum[c] ? p->minimum[c] : v[n];
  if (!p->threshold) {
    const int32_t within = p->maximum && floored > p->maximum[c] ? p->maximum[c] : floored;
    return (int8_t)net_clamp(net_lowered(within, p->hand_on), -128, 127);
  }
  v[n] = floored;
  const int32_t raised = p->a_decay ? a[n] >> p->a_fraction : 0;
  const int64_t above = (int64_t)v[n] - p->threshold[c] - raised;
  if (above <= 0) return 0;
  int8_t spikes = 1;
  if (p->reset) {
    v[n] = p->reset[c];
  } else {
    const int32_t each = p->subtract[c];
    int64_t taken = each;
    for (; p->many && taken < above && spikes < 127; spikes++) taken += each;
    v[n] = net_saturated(v[n] - taken - raised, p->bits);
  }
  if (p->minimum && v[n] < p->minimum[c]) v[n] = p->minimum[c];
  if (p->a_decay) a[n] = net_saturated((int64_t)a[n] + p->a_rise[c], 32);
  if (p->rest) rest[n] = p->rest[c];
  return spikes;
}
`;
