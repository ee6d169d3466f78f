import { type Shape, SpikewireError } from '@spikewire/models';
import { type FileNumbers, numbersAt } from './image-file.ts';

/** 1 where the object is and 0 elsewhere: [height, width], or [objects, height, width] of NumPy arrays. */
export interface Mask {
  readonly shape: Shape;
  readonly values: Uint8Array;
}

/**
 * A mask: a file has 0 and one other number, which is 1, 255 or, in PNG, white. Colours must be shades of grey. Rejects
 * with `file`, naming the path and the first number that is neither, as smoothed edges have.
 */
export async function maskAt(path: string): Promise<Mask> {
  const mask = withoutColours(path, await numbersAt(path));
  const { shape, values, most } = mask;
  const object = values.find((value) => value === 1 || value === 255 || value === most);
  const isRight = (value: number) => value === 0 || value === object;
  const bad = values.findIndex((value) => !isRight(value));
  if (bad < 0) return { shape, values: Uint8Array.from(values, (value) => Number(value !== 0)) };
  const others = values.filter((value) => !isRight(value)).length - 1;
  const beside = object === undefined ? '' : ` beside ${object}`;
  const more = others === 0 ? '' : `, and ${others} more such numbers`;
  const problem = `has ${values[bad]}${beside} at ${placeOf(shape, bad)}${more}`;
  throw new SpikewireError('file', path, problem, `0 and 1, or 0 and ${most ?? 255}, without smoothed edges`);
}

/** A mask of PNG in one channel, where all of its colours are shades of grey. */
function withoutColours(path: string, mask: FileNumbers): FileNumbers {
  const { shape, values, most } = mask;
  if (most === undefined || shape.length === 2) return mask;
  const size = values.length / 3;
  const [red, green, blue] = [0, 1, 2].map((k) => values.subarray(k * size, (k + 1) * size));
  const bad = red!.findIndex((value, pixel) => value !== green![pixel] || value !== blue![pixel]);
  if (bad < 0) return { shape: shape.slice(1), values: red!, most };
  const colour = `${red![bad]}, ${green![bad]}, ${blue![bad]}`;
  const problem = `has the colour ${colour} at ${placeOf(shape.slice(1), bad)}`;
  throw new SpikewireError('file', path, problem, 'black where there is no object and white where it is');
}

/** As image editors count, from 0 at the left and the top. */
function placeOf(shape: Shape, index: number): string {
  const [height, width] = shape.slice(-2) as [number, number];
  const place = `x ${index % width}, y ${Math.floor(index / width) % height}`;
  return shape.length === 2 ? place : `${place} of channel ${Math.floor(index / (height * width))}`;
}
