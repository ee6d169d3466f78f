import type { WeightLayout } from '../../learn/float-weights.ts';
import type { MemoryViews } from './memory.ts';

export type WeightFormat = 'int8' | 'int16' | 'float32';

/** How a connection's weights lie in memory, so that kernels read them in runs. */
export interface Packing {
  readonly format: WeightFormat;
  /** Elements, padding included. */
  readonly length: number;
  /** Whether bytes lie in pairs: those at even places, and padding there, have 128 added. */
  readonly paired: boolean;
  /** Where weight `k` of the graph's tensor lies. */
  place(k: number): number;
  /** The same as strides, where strides can say it. */
  readonly strides: WeightLayout | undefined;
  /** One weight per input, for all its synapses. */
  readonly equalRows?: boolean;
  /** What `place` reads; absent where it calculates. */
  readonly reads?: Uint32Array;
}

/** As in the graph's tensor. */
export function packInOrder(length: number, format: WeightFormat): Packing {
  const strides = { rowLength: length, rowStride: 0, columnStride: 1 };
  return { format, length, paired: false, place: (k) => k, strides };
}

/** The weights of a connection in a net's memory, by their place in the graph's tensor. */
export class PackedWeights {
  /** The whole block, as it lies there. */
  readonly values: Int8Array | Int16Array | Float32Array;
  readonly packing: Packing;

  constructor(packing: Packing, address: number, memory: MemoryViews) {
    const all = memory[packing.format];
    const first = address / all.BYTES_PER_ELEMENT;
    this.values = all.subarray(first, first + packing.length);
    this.packing = packing;
  }

  read(k: number): number {
    const place = this.packing.place(k);
    const value = this.values[place]!;
    return this.#isRaised(place) ? (value & 255) - 128 : value;
  }

  write(k: number, value: number): void {
    const place = this.packing.place(k);
    this.values[place] = this.#isRaised(place) ? value + 128 : value;
  }

  /** Weight 0 everywhere, in padding too. */
  clear(): void {
    for (let place = 0; place < this.values.length; place++) this.values[place] = this.#isRaised(place) ? 128 : 0;
  }

  #isRaised(place: number): boolean {
    return this.packing.paired && place % 2 === 0;
  }
}
