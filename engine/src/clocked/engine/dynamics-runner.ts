import type { NetworkCounters } from '../../engine.ts';
import type { EmissionRing } from '../emission-ring.ts';
import { clamped } from '../kernels/float-numbers.ts';
import { HUGE, TINY } from '../kernels/kernel-constants.ts';
import type { MemoryViews } from '../kernels/memory.ts';
import type { DynamicsPlan } from '../program.ts';

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
