import { type PopulationOperands, populationFlags } from '../kernels/instructions.ts';
import type { MemoryViews } from '../kernels/memory.ts';
import { Emissions } from './arrivals.ts';
import { countSpikes } from './sums.ts';

/** Advances the neuron at `position`, whose parameters are at `entry`; returns its spikes, or the state it hands on. */
export type NeuronStep = (position: number, entry: number) => number;

/** The walk over a population, neuron by neuron. */
export function stepPopulation(
  memory: MemoryViews,
  values: Int32Array | Float32Array,
  { length, period, flags, list, map }: PopulationOperands,
  step: NeuronStep,
): () => void {
  const fires = (flags & populationFlags.firing) !== 0;
  const graded = !fires || (flags & populationFlags.many) !== 0;
  const emissions = new Emissions(memory, values, list, graded);
  return () => {
    let spikes = 0;
    emissions.open();
    for (let position = 0; position < length; position++) {
      const emitted = step(position, position % period);
      if (map !== 0) memory.int8[map + position] = emitted === 0 ? 0 : -1;
      if (emitted === 0) continue;
      emissions.push(position, emitted);
      spikes += emitted;
    }
    emissions.close();
    if (fires) countSpikes(memory, spikes);
  };
}
