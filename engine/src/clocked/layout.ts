/** Elements that kernels take together, and what the channels of a pixel are padded to. */
const [LANES, QUAD] = [16, 4];

/**
 * How a node's elements lie in memory: [pixels][stride], where row-major order is [channels][pixels]. Behind a
 * convolution the channels of a pixel lie together, so that one event adds to a run of them; everywhere else there is
 * one pixel, and position and index are the same. The whole is padded to sixteen elements.
 */
export class Layout {
  readonly size: number;
  readonly channels: number;
  readonly pixels: number;
  readonly stride: number;
  /** Elements in memory, padding included. */
  readonly length: number;

  constructor(channels: number, pixels: number) {
    this.size = channels * pixels;
    this.channels = channels;
    this.pixels = pixels;
    this.stride = roundUp(channels, pixels > 1 ? QUAD : LANES);
    this.length = roundUp(pixels * this.stride, LANES);
  }

  /**
   * After how many elements the channels repeat together with whole vectors of sixteen; the length where they do not.
   */
  get period(): number {
    const period = leastCommonMultiple(this.stride, LANES);
    return this.pixels * this.stride === this.length && this.length % period === 0 ? period : this.length;
  }

  /** Where the element of row-major `index` lies. */
  position(index: number): number {
    return (index % this.pixels) * this.stride + Math.floor(index / this.pixels);
  }

  /** Row-major index of the element at `position`; not for padding. */
  index(position: number): number {
    return (position % this.stride) * this.pixels + Math.floor(position / this.stride);
  }

  equals(other: Layout): boolean {
    return this.channels === other.channels && this.pixels === other.pixels && this.stride === other.stride;
  }

  /** Values in row-major order as they lie in memory, padding filled with `padding`. */
  arrange(values: ArrayLike<number>, padding = 0): Float64Array {
    const arranged = new Float64Array(this.length).fill(padding);
    for (let index = 0; index < this.size; index++) arranged[this.position(index)] = values[index]!;
    return arranged;
  }
}

function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}

function leastCommonMultiple(a: number, b: number): number {
  let [divisor, rest] = [a, b];
  while (rest > 0) [divisor, rest] = [rest, divisor % rest];
  return (a / divisor) * b;
}
