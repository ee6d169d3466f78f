import type { ElementOperands } from '../kernels/instructions.ts';
import type { MemoryViews } from '../kernels/memory.ts';
import { ArrivalReader } from './arrivals.ts';
import { countSynapticOperations, type Sums } from './sums.ts';

/** One to one: every event adds its value, times the weight of its element where there are weights. */
export function addElements(
  memory: MemoryViews,
  { sums, weights, values, scaled, product }: Sums,
  operands: ElementOperands,
): () => void {
  const { targetStride, targetPixels, shift } = operands;
  const arrivals = new ArrivalReader(memory, values, operands);
  return () => {
    arrivals.open();
    for (let k = 0; k < arrivals.count; k++) {
      const index = arrivals.index(k);
      const value = scaled(arrivals.value(k), shift);
      const weight = operands.weights === 0 ? 1 : weights[operands.weights / weights.BYTES_PER_ELEMENT + index]!;
      const position = (index % targetPixels) * targetStride + Math.floor(index / targetPixels);
      sums[operands.accumulator / sums.BYTES_PER_ELEMENT + position]! += product(value, weight);
    }
    if (operands.weights !== 0) countSynapticOperations(memory, arrivals.count);
  };
}
