import { fixed } from './kernel-constants.ts';

/** One memory of a net, seen as every format. */
export interface MemoryViews {
  readonly buffer: ArrayBuffer;
  readonly int8: Int8Array;
  readonly int16: Int16Array;
  readonly int32: Int32Array;
  readonly float32: Float32Array;
  readonly float64: Float64Array;
}

export function viewMemory(buffer: ArrayBuffer): MemoryViews {
  return {
    buffer,
    int8: new Int8Array(buffer),
    int16: new Int16Array(buffer),
    int32: new Int32Array(buffer),
    float32: new Float32Array(buffer),
    float64: new Float64Array(buffer),
  };
}

/** Bytes. */
const VECTOR = 16;
const LINE = 64;

type Fill = (memory: MemoryViews) => void;

/**
 * Gives out addresses until the whole size is known; what is to stand there at the start is written once the memory
 * exists.
 */
export class MemoryPlan {
  #end: number = fixed.end;
  readonly #fills: Fill[] = [];

  /** Bytes that everything so far needs; a multiple of 16. */
  get bytes(): number {
    return this.#end;
  }

  /**
   * The address of `bytes` bytes of zeros: whole vectors, and what is longer than a line of the cache begins with one.
   */
  reserve(bytes: number, fill?: Fill): number {
    const alignment = bytes >= LINE ? LINE : VECTOR;
    const address = Math.ceil(this.#end / alignment) * alignment;
    this.#end = address + Math.ceil(bytes / VECTOR) * VECTOR;
    if (fill !== undefined) this.#fills.push(fill);
    return address;
  }

  int32(values: ArrayLike<number>): number {
    const address: number = this.reserve(4 * values.length, ({ int32 }) => int32.set(values, address / 4));
    return address;
  }

  float32(values: ArrayLike<number>): number {
    const address: number = this.reserve(4 * values.length, ({ float32 }) => float32.set(values, address / 4));
    return address;
  }

  int16(values: ArrayLike<number>): number {
    const address: number = this.reserve(2 * values.length, ({ int16 }) => int16.set(values, address / 2));
    return address;
  }

  int8(values: ArrayLike<number>): number {
    const address: number = this.reserve(values.length, ({ int8 }) => int8.set(values, address));
    return address;
  }

  /** Writes a word once everything is planned. */
  later(address: number, value: () => number): void {
    this.#fills.push(({ int32 }) => {
      int32[address / 4] = value();
    });
  }

  /** Lets go of what was to be written: a running net has it in its memory. */
  forget(): void {
    this.#fills.length = 0;
  }

  /** Writes what stands there at the start. */
  fill(memory: MemoryViews): void {
    for (const fill of this.#fills) fill(memory);
  }
}
