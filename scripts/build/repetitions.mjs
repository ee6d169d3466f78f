/** Counts the forms of what `withoutRepetitions` writes, so that what has an older one is written anew. */
export const PACKING = 2;

/** A shorter repetition would not pay for what says where it was. */
const SHORTEST = 5;
/** The last places that the same bytes have been at, of which the best is looked for. */
const MOST_PLACES = 64;

/**
 * `bytes` without what is repeated in them (Ziv and Lempel 1977): the halves of their checksum, their number, and then
 * in turns how many bytes follow
 * as they are, these, how many of those before them are repeated, and from how far back. Numbers are LEB128: seven bits
 * to a byte, the low ones first. engine/src/clocked/kernels/repetitions.ts brings the bytes back.
 *
 * @param {Uint8Array} bytes
 * @returns {Uint8Array}
 */
export function withoutRepetitions(bytes) {
  const output = [];
  /** Where the bytes from some place on have been before, by the first of them. */
  const places = new Map();
  const keyAt = (at) => String(bytes.subarray(at, at + SHORTEST));
  const placesAt = (at) => places.get(keyAt(at)) ?? [];
  const remember = (at) => places.set(keyAt(at), [...placesAt(at).slice(1 - MOST_PLACES), at]);
  const checksum = checksumOf(bytes);
  writeNumber(output, checksum >>> 16);
  writeNumber(output, checksum & 0xffff);
  writeNumber(output, bytes.length);
  for (let at = 0, start = 0; start < bytes.length; ) {
    const { from, length } = longestOf(bytes, placesAt(at), at);
    if (length < SHORTEST && at < bytes.length) {
      remember(at++);
      continue;
    }
    writeNumber(output, at - start);
    output.push(...bytes.subarray(start, at));
    writeNumber(output, length);
    writeNumber(output, at - from);
    for (start = at + length; at < start; at++) remember(at);
  }
  return Uint8Array.from(output);
}

/** The longest of the repetitions at `at` of what begins at `places`. */
function longestOf(bytes, places, at) {
  let longest = { from: at, length: 0 };
  for (const from of places) {
    let length = 0;
    while (at + length < bytes.length && bytes[from + length] === bytes[at + length]) length++;
    if (length >= longest.length) longest = { from, length };
  }
  return longest;
}

function writeNumber(output, number) {
  for (; number >= 128; number >>>= 7) output.push((number & 127) | 128);
  output.push(number);
}

/** FNV-1a (Fowler, Noll and Vo 1991), of 32 bits. */
function checksumOf(bytes) {
  let sum = 0x811c9dc5;
  for (const byte of bytes) sum = Math.imul(sum ^ byte, 0x01000193);
  return sum >>> 0;
}
