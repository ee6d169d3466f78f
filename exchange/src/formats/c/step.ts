/**
 * The step of the integer form (docs/semantics.md §2) in C99, the same for every net. It stands on two habits of all
 * compilers: numbers are two's complement, and >> of a negative one keeps its sign.
 */
export const STEP_IN_C = `#include <stdint.h>
#include <string.h>

/* Constants of a population, one for neurons that share them; an array that it does not need is null. */
typedef struct {
  int bits, fraction, hand_on, many, a_fraction;
  const int32_t *decay, *bias, *threshold, *reset, *subtract, *minimum, *maximum, *rest;
  const int32_t *i_decay, *i_gain, *i_bias, *a_decay, *a_rise;
} net_population;

static inline int64_t net_clamp(int64_t v, int64_t low, int64_t high) { return v < low ? low : v > high ? high : v; }

static inline int32_t net_saturated(int64_t v, int bits) {
  const int64_t end = (int64_t)1 << (bits - 1);
  return (int32_t)net_clamp(v, -end, end - 1);
}

/* (v * a) / 2^15 and v / 2^bits, to nearest, ties up. */
static inline int64_t net_scaled(int64_t v, int32_t a) { return (v * a + 16384) >> 15; }
static inline int64_t net_shifted(int64_t v, int bits) { return (v + ((int64_t)1 << (bits - 1))) >> bits; }

static inline void net_clear(int32_t *x, int n) {
  while (n-- > 0) x[n] = 0;
}

static inline void net_add(int32_t *x, const int32_t *e, int n) {
  while (n-- > 0) x[n] += e[n];
}

/* e = sum of w * 2^shift * x, weights by output. */
static inline void net_dense(const int8_t *w, int shift, int inputs, int outputs, const int32_t *x, int32_t *e) {
  net_clear(e, outputs);
  for (int i = 0; i < inputs; i++) {
    if (x[i] == 0) continue;
    for (int o = 0; o < outputs; o++) e[o] += w[o * inputs + i] * x[i] * (1 << shift);
  }
}

/* The same over synapses listed by input: those of i are first[i] to first[i + 1] - 1. */
static inline void net_listed(const uint32_t *first, const uint32_t *target, const int8_t *w, int shift, int inputs,
                              int outputs, const int32_t *x, int32_t *e) {
  net_clear(e, outputs);
  for (int i = 0; i < inputs; i++) {
    if (x[i] == 0) continue;
    for (uint32_t k = first[i]; k < first[i + 1]; k++) e[target[k]] += w[k] * x[i] * (1 << shift);
  }
}

/* One step of neuron n, with constants c, that gets x: its spikes, or of a read-out what it hands on. */
static inline int32_t net_neuron(const net_population *p, int c, int n, int64_t x, int32_t *v, int32_t *i,
                                 int32_t *a, int32_t *rest) {
  x = p->fraction >= 0 ? x * ((int64_t)1 << p->fraction) : net_shifted(x, -p->fraction);
  if (p->i_decay) {
    i[n] = net_saturated(net_scaled(i[n], p->i_decay[c]) + x + p->i_bias[c], p->bits);
    x = net_scaled(i[n], p->i_gain[c]);
  }
  if (p->a_decay) a[n] = (int32_t)net_scaled(a[n], p->a_decay[c]);
  if (p->rest && rest[n] > 0) {
    rest[n]--;
    return 0;
  }
  v[n] = net_saturated(net_scaled(v[n], p->decay[c]) + x + p->bias[c], p->bits);
  const int32_t floored = p->minimum && v[n] < p->minimum[c] ? p->minimum[c] : v[n];
  if (!p->threshold) {
    const int32_t within = p->maximum && floored > p->maximum[c] ? p->maximum[c] : floored;
    return net_saturated(net_shifted(within, p->hand_on), 8);
  }
  v[n] = floored;
  const int64_t raised = p->a_decay ? a[n] >> p->a_fraction : 0;
  const int64_t above = (int64_t)v[n] - p->threshold[c] - raised;
  if (above <= 0) return 0;
  const int32_t spikes = p->many ? (int32_t)net_clamp((above + p->subtract[c] - 1) / p->subtract[c], 1, 127) : 1;
  v[n] = p->reset ? p->reset[c] : net_saturated((int64_t)v[n] - (int64_t)spikes * p->subtract[c] - raised, p->bits);
  if (p->minimum && v[n] < p->minimum[c]) v[n] = p->minimum[c];
  if (p->a_decay) a[n] = net_saturated((int64_t)a[n] + p->a_rise[c], 32);
  rest[n] = p->rest[c];
  return spikes;
}
`;
