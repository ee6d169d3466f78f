import { SpikewireError } from '@spikewire/models/error';

/**
 * The bytes that `scripts/build/repetitions.mjs` has shortened, from their base64; that file says how. Throws `file`
 * where the text is not whole.
 */
export function withRepetitions(base64: string): Uint8Array {
  const packed = decode(base64);
  let next = 0;
  const readByte = () => {
    if (next === packed.length) throw damaged();
    return packed.charCodeAt(next++);
  };
  const readNumber = () => {
    let number = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = readByte();
      number |= (byte & 127) << shift;
      if (byte < 128) return number;
    }
    throw damaged();
  };
  const checksum = readNumber() * 2 ** 16 + readNumber();
  const length = readNumber();
  // No more memory than so short a text can stand for, whatever it says.
  if (length > MOST_BYTES) throw damaged();
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; ) {
    const start = at;
    for (const end = at + readNumber(); at < end; at++) bytes[at] = readByte();
    const end = at + readNumber();
    const distance = readNumber();
    const isDistance = at < end ? distance > 0 && distance <= at : distance === 0;
    if (end > length || end === start || !isDistance) throw damaged();
    // The part that is repeated may reach into its own repetition.
    for (; at < end; at++) bytes[at] = bytes[at - distance]!;
  }
  if (next < packed.length || checksumOf(bytes) !== checksum) throw damaged();
  return bytes;
}

/** Kernels are far smaller. */
const MOST_BYTES = 1 << 22;

function decode(base64: string): string {
  try {
    return atob(base64);
  } catch {
    throw damaged();
  }
}

/** FNV-1a (Fowler, Noll and Vo 1991), of 32 bits. */
function checksumOf(bytes: Uint8Array): number {
  let sum = 0x811c9dc5;
  for (const byte of bytes) sum = Math.imul(sum ^ byte, 0x01000193);
  return sum >>> 0;
}

function damaged(): SpikewireError {
  return new SpikewireError('file', 'kernels', 'are damaged', 'the text that the build wrote');
}
