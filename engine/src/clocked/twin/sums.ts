import type { SumFormat } from '../kernels/instructions.ts';
import { fixed } from '../kernels/kernel-constants.ts';
import type { MemoryViews } from '../kernels/memory.ts';

/** How the kernels of one accumulator format read and add. */
export interface Sums {
  /** Accumulators; an integer that is stored wraps, a real number is rounded. */
  readonly sums: Int16Array | Int32Array | Float32Array;
  /** Weights one by one, and those of convolutions. */
  readonly weights: Int8Array | Float32Array;
  readonly taps: Int16Array | Float32Array;
  readonly values: Int32Array | Float32Array;
  /** What a value counts for: times 2^shift in whole numbers. */
  scaled(value: number, shift: number): number;
  product(value: number, weight: number): number;
}

export function sumsIn(format: SumFormat, { int8, int16, int32, float32 }: MemoryViews): Sums {
  if (format === 'float32') {
    return {
      sums: float32,
      weights: float32,
      taps: float32,
      values: float32,
      scaled: (value) => value,
      product: (value, weight) => Math.fround(value * weight),
    };
  }
  return {
    sums: format === 'int16' ? int16 : int32,
    weights: int8,
    taps: int16,
    values: int32,
    scaled: (value, shift) => value << shift,
    product: (value, weight) => Math.imul(value, weight),
  };
}

export function countSynapticOperations({ float64 }: MemoryViews, operations: number): void {
  float64[fixed.synapticOperations / 8]! += operations;
}

export function countSpikes({ float64 }: MemoryViews, spikes: number): void {
  float64[fixed.spikes / 8]! += spikes;
}
