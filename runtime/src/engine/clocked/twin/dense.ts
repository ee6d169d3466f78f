import type { RowOperands } from '../instructions.ts';
import type { MemoryViews } from '../memory.ts';
import { Arrivals } from './arrivals.ts';
import { countSynapticOperations, type Sums } from './sums.ts';

/** Every event adds its row of real weights to the accumulators. */
export function addRealRows(memory: MemoryViews, { sums, weights, values }: Sums, operands: RowOperands): () => void {
  const { columns } = operands;
  return forEachRow(memory, values, operands, (start, factor) => {
    const row = start / weights.BYTES_PER_ELEMENT;
    const accumulator = operands.accumulator / sums.BYTES_PER_ELEMENT;
    for (let c = 0; c < columns; c++) sums[accumulator + c]! += Math.fround(factor * weights[row + c]!);
  });
}

/**
 * The same with whole numbers, whose bytes lie in pairs: of sixteen columns, the first eight at even places, with 128 added, and
 * the last eight at odd ones.
 */
export function addPairedRows(memory: MemoryViews, { sums, values }: Sums, operands: RowOperands): () => void {
  const { columns, shift } = operands;
  const weights = memory.int8;
  return forEachRow(memory, values, operands, (row, value) => {
    const accumulator = operands.accumulator / sums.BYTES_PER_ELEMENT;
    const factor = value << shift;
    for (let c = 0; c < columns; c += 16) {
      for (let j = 0; j < 8; j++) {
        const pair = row + c + 2 * j;
        sums[accumulator + c + j]! += factor * ((weights[pair]! & 255) - 128);
        sums[accumulator + c + 8 + j]! += factor * weights[pair + 1]!;
      }
    }
  });
}

/** Calls `add(address of the row, value)` for every event. */
function forEachRow(
  memory: MemoryViews,
  values: Int32Array | Float32Array,
  operands: RowOperands,
  add: (row: number, value: number) => void,
): () => void {
  const { weights, rowBytes, synapses } = operands;
  const arrivals = new Arrivals(memory, values, operands);
  return () => {
    arrivals.open();
    for (let k = 0; k < arrivals.count; k++) add(weights + arrivals.index(k) * rowBytes, arrivals.value(k));
    countSynapticOperations(memory, arrivals.count * synapses);
  };
}
