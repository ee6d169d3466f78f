/* What a compiler may call where there is no C library. */
#include <stddef.h>
#include <stdint.h>

void *memset(void *to, int value, size_t size) {
  unsigned char *byte = to;
  for (; size > 0 && (uintptr_t)byte % 4 != 0; size--) *byte++ = (unsigned char)value;
  const uint32_t four = (unsigned char)value * 0x01010101u;
  for (; size >= 4; size -= 4, byte += 4) *(uint32_t *)byte = four;
  for (; size > 0; size--) *byte++ = (unsigned char)value;
  return to;
}

void *memcpy(void *restrict to, const void *restrict from, size_t size) {
  unsigned char *byte = to;
  for (const unsigned char *other = from; size > 0; size--) *byte++ = *other++;
  return to;
}
