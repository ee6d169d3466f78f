import { type SparseOperands, sparseFlags } from '../kernels/instructions.ts';
import type { MemoryViews } from '../kernels/memory.ts';
import { ArrivalReader } from './arrivals.ts';
import { countSynapticOperations, type Sums } from './sums.ts';

/**
 * Listed synapses: every event adds the weights of its row, or the one weight that all its synapses have, or without
 * weights its value.
 */
export function addSparse(
  memory: MemoryViews,
  { sums, weights, values, scaled, product }: Sums,
  operands: SparseOperands,
): () => void {
  const { shift, flags } = operands;
  const weighted = operands.weights !== 0;
  const arrivals = new ArrivalReader(memory, values, operands);
  const equal = (flags & sparseFlags.equalRows) !== 0;
  const offsets = operands.offsets / 4;
  const wide = (flags & sparseFlags.wide) !== 0;
  const targets = operands.targets / (wide ? 4 : 2);
  const targetAt = (k: number) => (wide ? memory.int32[targets + k]! : memory.int16[targets + k]! & 0xffff);
  const accumulator = operands.accumulator / sums.BYTES_PER_ELEMENT;
  const firstWeight = operands.weights / weights.BYTES_PER_ELEMENT;
  return () => {
    arrivals.open();
    for (let e = 0; e < arrivals.count; e++) {
      const input = arrivals.index(e);
      const value = scaled(arrivals.value(e), shift);
      const [from, to] = [memory.int32[offsets + input]!, memory.int32[offsets + input + 1]!];
      for (let k = from; k < to; k++) {
        const weight = weighted ? weights[firstWeight + (equal ? input : k)]! : 1;
        sums[accumulator + targetAt(k)]! += product(value, weight);
      }
      if (weighted) countSynapticOperations(memory, to - from);
    }
  };
}
