export const baseDigest = '5'.repeat(64);

/**
 * The state that belongs to a sequence: its length and every byte follow from it.
 *
 * @param {bigint} sequence
 * @returns {Uint8Array}
 */
export function stateOf(sequence) {
  const number = Number(sequence);
  const length = 1000 + ((number * 7919) % 60_000);
  return new Uint8Array(length).map((_, index) => number * 13 + index * 7 + (index >> 8));
}
