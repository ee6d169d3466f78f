import { clamped } from '../kernels/float-numbers.ts';
import type { CollectOperands } from '../kernels/instructions.ts';
import type { MemoryViews } from '../kernels/memory.ts';
import { Emissions } from './arrivals.ts';
import type { Sums } from './sums.ts';

/** What is not zero in an accumulator becomes a list, in order of positions; the accumulator is zero again. */
export function collect(memory: MemoryViews, { sums, values }: Sums, operands: CollectOperands): () => void {
  const emissions = new Emissions(memory, values, operands.list, true);
  const accumulator = operands.accumulator / sums.BYTES_PER_ELEMENT;
  return () => {
    emissions.open();
    for (let position = 0; position < operands.length; position++) {
      const sum = sums[accumulator + position]!;
      sums[accumulator + position] = 0;
      const value = sums instanceof Float32Array ? clamped(sum) : sum;
      if (value !== 0) emissions.push(position, value);
    }
    emissions.close();
  };
}
