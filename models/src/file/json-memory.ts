import { SpikewireError } from '../error.ts';
import { megabytes } from '../printable.ts';

/**
 * Bytes that stand behind a character of JSON at most, while a text becomes a model: its value in the tree, the copy of
 * it in the model, room to grow (measured, with a margin; json-memory.test.ts). Every value but the first is behind one
 * of these.
 */
const BYTES: Readonly<Record<string, number>> = { '[': 288, '{': 384, ',': 56, ':': 640, '"': 24 };
/** Of every character, for the text in its forms. */
const ANY = 3;

const BYTES_OF_CODE = Uint16Array.from({ length: 256 }, (_, code) => ANY + (BYTES[String.fromCharCode(code)] ?? 0));

/** Bytes that it takes at most to read a JSON text, by counting what its values stand behind. O(length), takes nothing. */
export function jsonMemory(text: Uint8Array): number {
  let bytes = 0;
  for (let at = 0; at < text.length; at++) bytes += BYTES_OF_CODE[text[at]!]!;
  return bytes;
}

/** Throws `budget` where reading a JSON text may take more bytes than `most`; `where` is for the error. */
export function checkJsonMemory(where: string, text: Uint8Array, most: number): void {
  const bytes = jsonMemory(text);
  if (bytes <= most) return;
  throw new SpikewireError('budget', where, `takes up to ${megabytes(bytes)} to read`, `at most ${megabytes(most)}`);
}
