import type { OthersOperands } from '../kernels/instructions.ts';
import type { MemoryViews } from '../kernels/memory.ts';
import { ArrivalReader } from './arrivals.ts';
import { countSynapticOperations, type Sums } from './sums.ts';

/** Elements that a layout is padded to. */
const LANES = 16;

/** Every input to every output but its own: each output gets its weight times the sum of all other values. */
export function addOthers(
  memory: MemoryViews,
  { sums, weights, values, scaled, product }: Sums,
  operands: OthersOperands,
): () => void {
  const { targetStride, targetPixels, shift, synapses } = operands;
  const arrivals = new ArrivalReader(memory, values, operands);
  const accumulator = operands.accumulator / sums.BYTES_PER_ELEMENT;
  const firstWeight = operands.weights / weights.BYTES_PER_ELEMENT;
  const rounded = sums instanceof Float32Array ? Math.fround : Math.trunc;
  const length = Math.ceil((targetStride * targetPixels) / LANES) * LANES;
  /** By position: what an output does not get, because it comes from its own input. */
  const own = new Float64Array(length);
  return () => {
    arrivals.open();
    own.fill(0);
    let total = 0;
    for (let k = 0; k < arrivals.count; k++) {
      const index = arrivals.index(k);
      const value = scaled(arrivals.value(k), shift);
      own[(index % targetPixels) * targetStride + Math.floor(index / targetPixels)] = value;
      total = rounded(total + value);
    }
    if (arrivals.count === 0) return;
    for (let position = 0; position < length; position++) {
      const rest = rounded(total - own[position]!);
      sums[accumulator + position]! += product(rest, weights[firstWeight + position]!);
    }
    countSynapticOperations(memory, arrivals.count * synapses);
  };
}
