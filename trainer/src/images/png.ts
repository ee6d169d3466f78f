import { type Shape, SpikewireError } from '@spikewire/models';
import { decode } from 'fast-png';
import { type PngHeader, pngParts } from './png-parts.ts';

type Numbers = Uint8Array | Uint16Array;

/** A picture of a PNG file, without its alpha channel. */
export interface PngImage {
  /** [height, width] of grey, or [3, height, width] of red, green and blue. */
  readonly shape: Shape;
  /** Whole numbers 0…most, channel by channel, row by row from the top. */
  readonly values: Numbers;
  /** That of white, by the depth: 1, 3, 15, 255 or 65535. */
  readonly most: number;
}

interface Pixels extends PngHeader {
  /** [height][width][channels] */
  readonly numbers: Numbers;
  /** The one colour that is transparent, where there is no alpha channel. */
  readonly transparent: ArrayLike<number> | undefined;
}

/**
 * Reads a PNG file (W3C Recommendation, 2003): grey or in colours, those of a palette too, in all depths; interlaced
 * ones from 8 bits. An alpha channel is left out where all is opaque. Throws `file`, naming the path, for files that are
 * damaged or too large, and for pixels that are transparent, of which nobody knows what colour is meant.
 */
export function readPng(path: string, bytes: Buffer): PngImage {
  const pixels = pixelsOf(path, bytes);
  refuseTransparent(path, pixels);
  const { width, height, channels, depth } = pixels;
  const shape = channels < 3 ? [height, width] : [3, height, width];
  return { shape, values: planesOf(pixels, channels < 3 ? 1 : 3), most: 2 ** depth - 1 };
}

function pixelsOf(path: string, bytes: Buffer): Pixels {
  const { header, file } = pngParts(path, bytes);
  try {
    const { data, palette, transparency: transparent } = decode(file, { checkCrc: true });
    const numbers = header.depth < 8 ? unpacked(data, header) : (data as Numbers);
    // A palette beside colours of their own is a hint for old screens.
    return header.isIndexed ? coloured(header, numbers, palette!) : { ...header, numbers, transparent };
  } catch (cause) {
    throw new SpikewireError('file', path, `is damaged (${(cause as Error).message})`, 'a whole PNG file', cause);
  }
}

/** Numbers of less than a byte, the first in its upper bits; each row begins with a byte. */
function unpacked(packed: ArrayLike<number>, { width, height, depth }: PngHeader): Uint8Array {
  const numbers = new Uint8Array(width * height);
  const [inByte, most] = [8 / depth, 2 ** depth - 1];
  const bytesInRow = Math.ceil(width / inByte);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const byte = packed[row * bytesInRow + Math.floor(column / inByte)]!;
      numbers[row * width + column] = (byte >> (8 - depth * (1 + (column % inByte)))) & most;
    }
  }
  return numbers;
}

/** Pixels by the colours of a palette, which are opaque where it does not say. */
function coloured(header: PngHeader, indices: Numbers, palette: readonly (readonly number[])[]): Pixels {
  const numbers = new Uint8Array(4 * indices.length);
  for (let k = 0; k < indices.length; k++) {
    const colour = palette[indices[k]!];
    if (colour === undefined) throw new Error(`it has colour ${indices[k]} of a palette of ${palette.length}`);
    const [red, green, blue, alpha = 255] = colour;
    numbers.set([red!, green!, blue!, alpha], 4 * k);
  }
  return { ...header, depth: 8, channels: 4, numbers, transparent: undefined };
}

function refuseTransparent(path: string, { width, height, channels, depth, numbers, transparent }: Pixels): void {
  const opaque = channels % 2 === 0 ? 2 ** depth - 1 : undefined;
  if (opaque === undefined && transparent === undefined) return;
  for (let pixel = 0; pixel < width * height; pixel++) {
    const isOpaque =
      opaque === undefined
        ? Array.from(transparent!).some((value, channel) => numbers[pixel * channels + channel] !== value)
        : numbers[(pixel + 1) * channels - 1] === opaque;
    if (isOpaque) continue;
    const problem = `is transparent at x ${pixel % width}, y ${Math.floor(pixel / width)}`;
    throw new SpikewireError('file', path, problem, 'an image without an alpha channel, or opaque everywhere');
  }
}

/** The first so many channels of all pixels, one after the other. */
function planesOf({ width, height, channels, numbers }: Pixels, kept: number): Numbers {
  if (channels === 1) return numbers;
  const [size, planes] = [width * height, numbers.slice(0, kept * width * height)];
  for (let channel = 0; channel < kept; channel++) {
    for (let pixel = 0; pixel < size; pixel++) planes[channel * size + pixel] = numbers[pixel * channels + channel]!;
  }
  return planes;
}
