/* Sums of 16 bits in one vector, and the weights of 8 bits that are added to them. */
#include "lanes.h"

typedef int16_t sums_t __attribute__((vector_size(2 * LANES)));
typedef int8_t bytes_t __attribute__((vector_size(LANES), aligned(1), may_alias));

static inline sums_t widen(const int8_t *p) {
#if defined(__SSE4_1__) && !defined(__AVX2__)
  /* One instruction, of which GCC 12 makes four where it is left to __builtin_convertvector. */
  return (sums_t)_mm_cvtepi8_epi16(_mm_loadl_epi64((const __m128i *)p));
#else
  return __builtin_convertvector(*(const bytes_t *)p, sums_t);
#endif
}
