import type { NetworkCounters } from '../engine.ts';
import type { EventList } from './event-list.ts';
import type { MemoryViews } from './memory.ts';
import type { DynamicsPlan } from './program.ts';
import { settled } from './real-numbers.ts';

/** Runs a population by its kind's own equations, over arrays in the net's memory. */
export function dynamicsRunner(
  { kind, dynamics, population, size, inputs }: DynamicsPlan,
  list: EventList,
  { float32 }: MemoryViews,
  counters: NetworkCounters,
): () => void {
  const viewAt = (address: number) => float32.subarray(address / 4, address / 4 + size);
  const arriving = inputs.map(viewAt);
  const state = Object.fromEntries([...population.state].map(([name, { address }]) => [name, viewAt(address)]));
  const spikes = kind.emits === 'spikes';
  return () => {
    const slot = list.slot();
    let count = 0;
    for (let i = 0; i < size; i++) {
      const emitted = settled(Math.fround(dynamics.step(i, arriving, state)));
      if (emitted === 0) continue;
      list.write(slot, count++, i, emitted);
      if (spikes) counters.spikes += emitted;
    }
    list.close(slot, count, true);
    for (const values of arriving) values.fill(0);
  };
}
