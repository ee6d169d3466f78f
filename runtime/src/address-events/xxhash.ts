const [P1, P2, P3, P4, P5] = [0x9e3779b1, 0x85ebca77, 0xc2b2ae3d, 0x27d4eb2f, 0x165667b1];
const STRIPE = 16;

/** XXH32 with seed 0, from 0 to 2³² − 1 (Cyan4973/xxHash, doc/xxhash_spec.md). */
export function xxHash32(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  let hash = P5;
  if (bytes.length >= STRIPE) {
    const lanes = [(P1 + P2) | 0, P2, 0, -P1 | 0];
    for (; at + STRIPE <= bytes.length; at += STRIPE) {
      for (let k = 0; k < 4; k++) {
        lanes[k] = Math.imul(rotate(lanes[k]! + Math.imul(view.getUint32(at + 4 * k, true), P2), 13), P1);
      }
    }
    hash = rotate(lanes[0]!, 1) + rotate(lanes[1]!, 7) + rotate(lanes[2]!, 12) + rotate(lanes[3]!, 18);
  }
  hash = (hash + bytes.length) | 0;
  for (; at + 4 <= bytes.length; at += 4) {
    hash = Math.imul(rotate(hash + Math.imul(view.getUint32(at, true), P3), 17), P4);
  }
  for (; at < bytes.length; at++) hash = Math.imul(rotate(hash + Math.imul(bytes[at]!, P5), 11), P1);
  hash = Math.imul(hash ^ (hash >>> 15), P2);
  hash = Math.imul(hash ^ (hash >>> 13), P3);
  return (hash ^ (hash >>> 16)) >>> 0;
}

const rotate = (word: number, by: number) => (word << by) | (word >>> (32 - by));
