import type { NetworkCounters } from '../../engine.ts';
import { sparseActivity } from '../../learn/sparse-activity.ts';
import type { EmissionRing } from '../emission-ring.ts';
import { clamped } from '../kernels/float-numbers.ts';
import { HUGE, TINY } from '../kernels/kernel-constants.ts';
import type { MemoryViews } from '../kernels/memory.ts';
import type { DynamicsPlan, LateElementsPlan, SelectionPlan, Stream } from '../program.ts';
import { ListReader } from './list-reader.ts';

/** Runs a population by its kind's own equations, over arrays in the net's memory. */
export function dynamicsRunner(
  { kind, dynamics, population, size, inputs }: DynamicsPlan,
  list: EmissionRing,
  { float32 }: MemoryViews,
  counters: NetworkCounters,
): () => void {
  const viewAt = (address: number) => float32.subarray(address / 4, address / 4 + size);
  const arriving = inputs.map(viewAt);
  const state = Object.fromEntries([...population.state].map(([name, { address }]) => [name, viewAt(address)]));
  const variables = Object.values(state);
  const spikes = kind.emits === 'spikes';
  return () => {
    const slot = list.slot();
    let count = 0;
    for (let i = 0; i < size; i++) {
      const stepped = dynamics.step(i, arriving, state);
      if (stepped === 0) continue;
      const emitted = clamped(Math.fround(stepped));
      if (emitted === 0) continue;
      list.write(slot, count++, i, emitted);
      if (spikes) counters.spikes += emitted;
    }
    list.close(slot, count, true);
    for (let k = 0; k < arriving.length; k++) arriving[k]!.fill(0);
    for (let k = 0; k < variables.length; k++) settleAll(variables[k]!);
  };
}

/** Asks first: numbers that a function returns are allocated, and hardly any has to be changed. */
function settleAll(values: Float32Array): void {
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i]!);
    if (size < HUGE && (size >= TINY || size === 0)) continue;
    values[i] = clamped(values[i]!);
  }
}

/** Adds to a sum what its sources emitted, element by element some steps ago. */
export function lateElementsRunner(
  { arrivals, delays, address, format, layout }: LateElementsPlan,
  ringOf: (plan: LateElementsPlan['arrivals'][number]['list']) => EmissionRing,
  memory: MemoryViews,
): () => void {
  const values = memory[format];
  const sums = values.subarray(address / values.BYTES_PER_ELEMENT);
  const sources = arrivals.map(({ list, delay }) => ({ list: ringOf(list), delay }));
  const distinct = [...new Set(delays)];
  const add = (list: EmissionRing, delay: number, late: number) => {
    const slot = list.slot(delay + late);
    for (let k = list.count(slot) - 1; k >= 0; k--) {
      const index = list.plan.layout.index(list.position(slot, k));
      if (delays[index] === late) sums[layout.position(index)]! += list.value(slot, k);
    }
  };
  return () => {
    for (const { list, delay } of sources) for (const late of distinct) add(list, delay, late);
  };
}

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
