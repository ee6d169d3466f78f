// CRC-14/DARC (ETSI EN 300 751; x^14 + x^11 + x^2 + 1, reflected, from 0): it fits two bytes of Firmata, and no change
// within 14 bits in a row escapes it. By half bytes, since bit by bit would take longer than a sample.
#pragma once
#include <stdint.h>

static inline uint16_t check_byte(uint16_t check, uint8_t byte) {
  static const uint16_t halves[16] = {
      0x0000, 0x2D04, 0x0A01, 0x2705, 0x1402, 0x3906, 0x1E03, 0x3307,
      0x2804, 0x0500, 0x2205, 0x0F01, 0x3C06, 0x1102, 0x3607, 0x1B03};
  check = check >> 4 ^ halves[(check ^ byte) & 15];
  return check >> 4 ^ halves[(check ^ byte >> 4) & 15];
}
