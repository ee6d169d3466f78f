/** Fletcher's checksum of 16-bit words, the first byte of each the higher; what is left at the end is a high byte. */
export function fletcher32(bytes: Uint8Array): number {
  let [sum, sumOfSums] = [0, 0];
  for (let at = 0; at < bytes.length; at += 2) {
    sum = folded(sum + (bytes[at]! << 8) + (bytes[at + 1] ?? 0));
    sumOfSums = folded(sumOfSums + sum);
  }
  return 65_536 * sumOfSums + sum;
}

/** The same modulo 65535, where a multiple of it that is not 0 becomes 65535. */
const folded = (sum: number) => (sum & 0xffff) + (sum >>> 16);
