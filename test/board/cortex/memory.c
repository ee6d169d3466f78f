/* What a compiler may call where there is no C library. */
#include <stddef.h>

void *memset(void *to, int value, size_t size) {
  for (unsigned char *byte = to; size > 0; size--) *byte++ = (unsigned char)value;
  return to;
}

void *memcpy(void *restrict to, const void *restrict from, size_t size) {
  unsigned char *byte = to;
  for (const unsigned char *other = from; size > 0; size--) *byte++ = *other++;
  return to;
}
