import { sparseActivity } from '../../learn/sparse-activity.ts';
import type { EmissionRing } from '../emission-ring.ts';
import type { MemoryViews } from '../kernels/memory.ts';
import type { SelectionPlan, Stream } from '../program.ts';
import { ListReader } from './list-reader.ts';

/** Adds to a sum what a selection passes of this step's arrivals. */
export function selectionRunner(
  { connectivity, arrival, state, address, format, layout }: SelectionPlan,
  ringOf: (plan: Stream['list']) => EmissionRing,
  memory: MemoryViews,
): () => void {
  const values = memory[format];
  const sums = values.subarray(address / values.BYTES_PER_ELEMENT);
  const arrived = memory.float64.subarray(state.address / 8, state.address / 8 + state.length);
  const { list, delay } = arrival;
  const reader = new ListReader([{ list: ringOf(list), delay, unit: 1 }], connectivity.inputs);
  const activity = sparseActivity(connectivity.inputs);
  const add = (output: number, value: number) => {
    sums[layout.position(output)]! += value;
  };
  return () => {
    reader.collect(activity);
    connectivity.select(activity, arrived, add);
  };
}
