import { SpikewireError } from '../error.ts';
import { headerBytes } from './safetensors.ts';
import { sha256 } from './sha256.ts';

/** What stands in place of the digest while it is computed. */
export const BLANK_DIGEST = '0'.repeat(64);

/** Bytes from which a faster hash is worth the megabyte of memory that it brings along. */
const LARGE = 2 ** 20;

const DIGEST = /^[0-9a-f]{64}$/;

/** SHA-256 in hex of a whole file whose digest, the 64 characters at `offset`, counts as zeros. */
function digestAt(bytes: Uint8Array, offset: number): string {
  const blank = new TextEncoder().encode(BLANK_DIGEST);
  const hash = bytes.length < LARGE ? sha256 : (nodeHash() ?? sha256);
  return hash(bytes.subarray(0, offset), blank, bytes.subarray(offset + BLANK_DIGEST.length));
}

/** Node's own SHA-256, ten times as fast; undefined in a browser and in Node before 20.16. */
function nodeHash(): typeof sha256 | undefined {
  const crypto = globalThis.process?.getBuiltinModule?.('node:crypto');
  if (crypto === undefined) return undefined;
  return (...parts) => {
    const hash = crypto.createHash('sha256');
    for (const part of parts) hash.update(part);
    return hash.digest('hex');
  };
}

/** Computes the digest of a file that was written with a blank one, and puts it in. */
export function seal(bytes: Uint8Array): void {
  const offset = offsetOf(bytes, `"digest":"${BLANK_DIGEST}"`) + '"digest":"'.length;
  bytes.set(new TextEncoder().encode(digestAt(bytes, offset)), offset);
}

/** Checks a file against the digest it names; throws `file` when any byte differs. */
export function checkDigest(bytes: Uint8Array, claimed: string | undefined): void {
  if (claimed === undefined || !DIGEST.test(claimed)) {
    throw new SpikewireError('file', 'digest', 'is not a digest', 'SHA-256 as 64 lower-case hex digits');
  }
  const actual = digestAt(bytes, offsetOf(bytes, claimed));
  if (actual === claimed) return;
  throw new SpikewireError('file', 'digest', `is ${claimed}, but the bytes give ${actual}`, 'an undamaged file');
}

/** The offset in the file of a text that stands in the header exactly once. */
function offsetOf(bytes: Uint8Array, text: string): number {
  const header = headerBytes(bytes);
  // One character per byte, so that offsets in the text are offsets in the file.
  const characters = new TextDecoder('latin1').decode(header);
  const offset = characters.indexOf(text);
  if (offset < 0 || characters.indexOf(text, offset + 1) >= 0) {
    throw new SpikewireError(
      'file',
      'digest',
      `stands ${offset < 0 ? 'not' : 'twice'} in the header`,
      'its 64 digits once',
    );
  }
  return header.byteOffset - bytes.byteOffset + offset;
}
