import { formatShape, type Shape, SpikewireError } from '@spikewire/models';
import { readNpy } from 'spikewire';
import { bytesOf } from '../files/folder.ts';
import { readPng } from './png.ts';
import { MOST_NUMBERS } from './png-parts.ts';

/** Numbers as they stand in a file. */
export interface FileNumbers {
  /** [height, width] or [channels, height, width], all above 0. */
  readonly shape: Shape;
  readonly values: Uint8Array | Uint16Array | Float64Array;
  /** What is white, of a PNG file. */
  readonly most?: number;
}

/** A PNG file or a NumPy array, by its name. Rejects with `file`, naming the path, for what is damaged or has no such shape. */
export async function numbersAt(path: string): Promise<FileNumbers> {
  const bytes = await bytesOf(path);
  return path.toLowerCase().endsWith('.png') ? readPng(path, bytes) : arrayOf(path, bytes);
}

/**
 * An image: of a PNG file numbers of 0…1, in a channel of grey or those of red, green and blue; of a NumPy array its
 * finite numbers as they are. Rejects with `file`, naming the path.
 */
export async function imageAt(path: string): Promise<{ readonly shape: Shape; readonly values: Float32Array }> {
  const { shape, values, most = 1 } = await numbersAt(path);
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new SpikewireError('file', path, `has ${values[bad]} as number ${bad}`, 'finite numbers');
  return { shape, values: Float32Array.from(values, (value) => value / most) };
}

function arrayOf(path: string, bytes: Uint8Array): FileNumbers {
  let array: FileNumbers;
  try {
    array = readNpy(bytes, MOST_NUMBERS);
  } catch (cause) {
    throw new SpikewireError('file', path, `cannot be read (${(cause as Error).message})`, undefined, cause);
  }
  const { shape, values } = array;
  if ((shape.length === 2 || shape.length === 3) && values.length > 0) return { shape, values };
  const expected = '[height, width] or [channels, height, width]';
  throw new SpikewireError('file', path, `has the shape ${formatShape(shape)}`, expected);
}
