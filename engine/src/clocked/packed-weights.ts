import type { WeightLayout } from '../learn/weights/float-weights.ts';
import type { MemoryViews } from './kernels/memory.ts';

export type WeightFormat = 'int8' | 'int16' | 'float32';

/** How a connection's weights lie in memory, so that kernels read them in runs. */
export interface Packing {
  readonly format: WeightFormat;
  /** Elements, padding included. */
  readonly length: number;
  /** Whether bytes lie in pairs: those at even positions, and padding there, have 128 added. */
  readonly paired: boolean;
  /** Where weight `k` of the graph's tensor lies. */
  position(k: number): number;
  /** The same as strides, where strides can say it. */
  readonly strides: WeightLayout | undefined;
  /** One weight per input, for all its synapses. */
  readonly equalRows?: boolean;
  /** What `position` reads; absent where it calculates. */
  readonly reads?: Uint32Array;
}

/** As in the graph's tensor. */
export function packInOrder(length: number, format: WeightFormat): Packing {
  const strides = { rowLength: length, rowStride: 0, columnStride: 1 };
  return { format, length, paired: false, position: (k) => k, strides };
}

/** The weights of a connection in a net's memory, by their index in the graph's tensor. */
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
    const position = this.packing.position(k);
    const value = this.values[position]!;
    return this.#isRaised(position) ? (value & 255) - 128 : value;
  }

  write(k: number, value: number): void {
    const position = this.packing.position(k);
    this.values[position] = this.#isRaised(position) ? value + 128 : value;
  }

  /** Weight 0 everywhere, in padding too. */
  clear(): void {
    for (let position = 0; position < this.values.length; position++)
      this.values[position] = this.#isRaised(position) ? 128 : 0;
  }

  #isRaised(position: number): boolean {
    return this.packing.paired && position % 2 === 0;
  }
}
