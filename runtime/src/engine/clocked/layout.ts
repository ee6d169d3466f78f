/**
 * How a node's elements lie in memory: [places][stride], where row-major order is [channels][places]. Behind a convolution the
 * channels of a place lie together, so that one event adds to a run of them; everywhere else there is one place, and position
 * and index are the same. The stride is padded to whole vectors.
 */
export class Layout {
  readonly size: number;
  readonly channels: number;
  readonly places: number;
  readonly stride: number;

  constructor(channels: number, places: number, lanes: number) {
    this.size = channels * places;
    this.channels = channels;
    this.places = places;
    this.stride = Math.ceil(channels / lanes) * lanes;
  }

  /** Elements in memory, padding included. */
  get length(): number {
    return this.places * this.stride;
  }

  /** Where the element of row-major `index` lies. */
  position(index: number): number {
    return (index % this.places) * this.stride + Math.floor(index / this.places);
  }

  /** Row-major index of the element at `position`; not for padding. */
  index(position: number): number {
    return (position % this.stride) * this.places + Math.floor(position / this.stride);
  }

  equals(other: Layout): boolean {
    return this.channels === other.channels && this.places === other.places && this.stride === other.stride;
  }

  /** Values in row-major order as they lie in memory, padding filled with `padding`. */
  arrange(values: ArrayLike<number>, padding = 0): Float64Array {
    const arranged = new Float64Array(this.length).fill(padding);
    for (let index = 0; index < this.size; index++) arranged[this.position(index)] = values[index]!;
    return arranged;
  }
}
