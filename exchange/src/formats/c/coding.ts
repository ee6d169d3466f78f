/** What encoders and decoders of a header call, in C99. */
export const CODING_IN_C = `/* Neither infinite nor no number: their difference from themselves is no number. */
static inline int net_finite(double value) { return value - value == 0; }

/* A value on [0, 1] and on [-1, 1] of its range; beyond it, the end. Ends cost no division. */
static inline double net_unit(double value, double low, double high) {
  return value <= low ? 0 : value >= high ? 1 : (value - low) / (high - low);
}
static inline double net_signed(double value, double low, double high) {
  const double place = (2 * value - (low + high)) / (high - low);
  return place < -1 ? -1 : place > 1 ? 1 : place;
}

/* How far a value lies beyond its range, in widths of that; at most 1. */
static inline double net_excess(double value, double low, double high) {
  if (value >= low && value <= high) return 0;
  const double widths = (value < low ? low - value : value - high) / (high - low);
  return widths > 1 ? 1 : widths;
}

/* To nearest, for values from 0: ties up. */
static inline int32_t net_rounded(double value) {
  const int32_t below = (int32_t)value;
  return value - below >= 0.5 ? below + 1 : below;
}

/* To nearest, ties to even, held within -most to most. */
static inline int32_t net_whole(double value, int32_t most) {
  if (value >= most) return most;
  if (value <= -most) return -most;
  const int32_t toward = (int32_t)value, below = toward > value ? toward - 1 : toward;
  const double rest = value - below;
  return rest < 0.5 ? below : rest > 0.5 ? below + 1 : below + (below & 1);
}

/* The whole part, held within -most to most. */
static inline int32_t net_toward(double value, int32_t most) {
  return value >= most ? most : value <= -most ? -most : (int32_t)value;
}

/* Index of the largest value; of equal ones the lowest. */
static inline int net_largest(const double *values, int count) {
  int best = 0;
  for (int k = 1; k < count; k++)
    if (values[k] > values[best]) best = k;
  return best;
}
`;

/** The scores of a read-out that was taught, in C99, and its part of a mixture. */
export const READOUT_IN_C = `#include <math.h>

/* Of counts in units of what is usual; a row of weights for each class, its first number for itself. */
static inline void net_scores(const double *counts, int size, const float *middle, const float *unit,
                              const float *weights, double *score) {
  for (int k = 0; k < NET_CLASSES; k++) score[k] = weights[k * (size + 1)];
  for (int n = 0; n < size; n++) {
    const double x = (counts[n] - middle[n]) / unit[n];
    for (int k = 0; k < NET_CLASSES; k++) score[k] += weights[k * (size + 1) + 1 + n] * x;
  }
}

/* Adds the softmax of scores, over the classes that were taught, with its share. */
static inline void net_mix(double *score, const unsigned char *taught, double sharpness, double share,
                           double *mixed) {
  double largest = -HUGE_VAL, total = 0;
  for (int k = 0; k < NET_CLASSES; k++)
    if (taught[k] && score[k] > largest) largest = score[k];
  for (int k = 0; k < NET_CLASSES; k++) total += score[k] = taught[k] ? exp(sharpness * (score[k] - largest)) : 0;
  for (int k = 0; k < NET_CLASSES; k++) mixed[k] += share * (score[k] / total);
}
`;
