import type { SumFormat } from './kernels/instructions.ts';
import type { Layout } from './layout.ts';
import type { Stream } from './program.ts';

/** Where a connection or an edge adds: an accumulator that some node empties in this step. */
export interface Sums {
  readonly address: number;
  readonly format: SumFormat;
  readonly layout: Layout;
  /** Address of a word that whoever adds sets; absent where nobody reads it. */
  readonly mark?: number;
  /** Where the numbers of an Input are added that are not spikes: float32, in the units of these sums. */
  readonly graded?: Sums;
}

export const bytesOf = { int8: 1, int16: 2, int32: 4, float32: 4 } as const;

/** How the names of instructions end, by the format of the sums that they add to. */
export const suffixOf = { int16: 'Int16', int32: 'Int32', float32: 'Float32' } as const;

/** The operands of an instruction that say where it adds. */
export function targetOperands({ address, layout }: Sums) {
  return { targetStride: layout.stride, targetPixels: layout.pixels, accumulator: address };
}

/** The operands of an instruction that say what arrives. */
export function sourceOperands({ list, delay }: Stream) {
  const { descriptor, layout } = list;
  return { list: descriptor, delay, sourceStride: layout.stride, sourcePixels: layout.pixels };
}
