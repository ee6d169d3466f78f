import type { RowOperands } from '../kernels/instructions.ts';
import type { MemoryViews } from '../kernels/memory.ts';
import { ArrivalReader } from './arrivals.ts';
import { countSynapticOperations, type Sums } from './sums.ts';

/** Every event adds its row of real weights to the accumulators. */
export function addFloatRows(memory: MemoryViews, format: Sums, operands: RowOperands): () => void {
  const { columns } = operands;
  const { sums, weights } = format;
  return forEachRow(memory, format, operands, (start, factor) => {
    const row = start / weights.BYTES_PER_ELEMENT;
    const accumulator = operands.accumulator / sums.BYTES_PER_ELEMENT;
    for (let c = 0; c < columns; c++) sums[accumulator + c]! += Math.fround(factor * weights[row + c]!);
  });
}

/**
 * The same with whole weights, whose bytes lie in pairs: of sixteen columns, the first eight at even positions, with
 * 128 added, and the last eight at odd ones.
 */
export function addPairedRows(memory: MemoryViews, format: Sums, operands: RowOperands): () => void {
  const { columns, shift } = operands;
  const { sums, scaled, product } = format;
  const weights = memory.int8;
  return forEachRow(memory, format, operands, (row, value) => {
    const accumulator = operands.accumulator / sums.BYTES_PER_ELEMENT;
    const factor = scaled(value, shift);
    for (let c = 0; c < columns; c += 16) {
      for (let j = 0; j < 8; j++) {
        const pair = row + c + 2 * j;
        sums[accumulator + c + j]! += product(factor, (weights[pair]! & 255) - 128);
        sums[accumulator + c + 8 + j]! += product(factor, weights[pair + 1]!);
      }
    }
  });
}

/**
 * Calls `add(address of the row, value)` for every event, or takes the sums that were kept where the step is as the one
 * before.
 */
function forEachRow(
  memory: MemoryViews,
  { sums, values }: Sums,
  operands: RowOperands,
  add: (row: number, value: number) => void,
): () => void {
  const { weights, rowBytes, synapses, columns } = operands;
  const arrivals = new ArrivalReader(memory, values, operands);
  const [accumulator, kept] = [operands.accumulator, operands.kept].map((address) => address / sums.BYTES_PER_ELEMENT);
  return () => {
    arrivals.open();
    countSynapticOperations(memory, arrivals.count * synapses);
    if (arrivals.count === 0) return;
    if (kept !== 0 && arrivals.repeated) {
      sums.copyWithin(accumulator!, kept!, kept! + columns);
      return;
    }
    for (let k = 0; k < arrivals.count; k++) add(weights + arrivals.index(k) * rowBytes, arrivals.value(k));
    if (kept !== 0 && arrivals.graded) sums.copyWithin(kept!, accumulator!, accumulator! + columns);
  };
}
