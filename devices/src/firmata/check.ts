/**
 * CRC-14/DARC (ETSI EN 300 751; x¹⁴ + x¹¹ + x² + 1, reflected, from 0) of bytes: as large as two bytes of Firmata, and
 * no change within 14 bits in a row escapes it.
 */
export function checkOf(bytes: Uint8Array): number {
  let check = 0;
  for (const byte of bytes) {
    check ^= byte;
    for (let k = 0; k < 8; k++) check = check & 1 ? (check >> 1) ^ 0x2804 : check >> 1;
  }
  return check;
}
