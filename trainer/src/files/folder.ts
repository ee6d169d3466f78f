import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { SpikewireError } from '@spikewire/models';
import { readWholeFile } from 'spikewire/data';
import { inNaturalOrder } from './natural-order.ts';

/** Of one file when unpacked: more is no recording of these tasks. */
const MOST_BYTES = 2 ** 29;

/** A file of a folder, and what of its name stood in the pattern's brackets. */
export interface FoundFile {
  readonly path: string;
  readonly parts: readonly string[];
}

/**
 * The files of a folder whose names fit the pattern, numbers in names in their order. Rejects with `file` where there
 * is none; `expected` is what should be there.
 */
export async function filesIn(folder: string, pattern: RegExp, expected: string): Promise<FoundFile[]> {
  const names = await readdir(folder).catch((cause: Error) => {
    throw new SpikewireError('file', folder, `cannot be read (${cause.message})`, `a folder with ${expected}`, cause);
  });
  const found = names.toSorted(inNaturalOrder).flatMap((name) => {
    const match = pattern.exec(name);
    return match === null ? [] : [{ path: join(folder, name), parts: match.slice(1) }];
  });
  if (found.length > 0) return found;
  throw new SpikewireError('file', folder, 'has none of the files of this task', expected);
}

/** The bytes of a file, unpacked where its name ends in .gz. Rejects with `file`. */
export async function bytesOf(path: string): Promise<Buffer> {
  const bytes = await readWholeFile(path, MOST_BYTES, 'a whole file');
  if (!path.endsWith('.gz')) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: MOST_BYTES });
  } catch (cause) {
    throw new SpikewireError('file', path, `cannot be read (${(cause as Error).message})`, 'a whole file', cause);
  }
}

/** The whole numbers of 16 bits, little-endian, that a file holds, `width` of them at a time. Rejects with `file`. */
export async function shortsOf(path: string, width = 1): Promise<Int16Array> {
  const bytes = await bytesOf(path);
  checkLength(path, bytes.length, 2 * width);
  return Int16Array.from({ length: bytes.length / 2 }, (_, k) => bytes.readInt16LE(2 * k));
}

/** The finite float32 numbers, little-endian, that a file holds. Rejects with `file`. */
export async function floatsOf(path: string): Promise<Float64Array> {
  const bytes = await bytesOf(path);
  checkLength(path, bytes.length, 4);
  const numbers = Float64Array.from({ length: bytes.length / 4 }, (_, k) => bytes.readFloatLE(4 * k));
  const bad = numbers.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return numbers;
  throw new SpikewireError('file', path, `has ${numbers[bad]} as number ${bad}`, 'finite numbers');
}

function checkLength(path: string, bytes: number, unit: number): void {
  if (bytes > 0 && bytes % unit === 0) return;
  throw new SpikewireError('file', path, `has ${bytes} bytes`, `a multiple of ${unit}`);
}

/**
 * Lines of numbers with blanks or commas between them, `columns` of them where that is said. Rejects with `file`,
 * naming the line.
 */
export async function numbersOf(path: string, columns?: number): Promise<Float64Array[]> {
  const lines = (await bytesOf(path)).toString('utf8').split('\n');
  return lines.flatMap((line, index) => {
    const text = line.trim();
    if (text === '') return [];
    const numbers = Float64Array.from(text.split(/[\s,]+/), Number);
    const wanted = columns ?? numbers.length;
    if (numbers.length === wanted && numbers.every(Number.isFinite)) return [numbers];
    throw new SpikewireError('file', `${path}, line ${index + 1}`, 'is damaged', `${wanted} numbers`);
  });
}
