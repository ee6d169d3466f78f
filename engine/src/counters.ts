import type { NetworkCounters } from './engine.ts';

export function newCounters(): NetworkCounters {
  return {
    spikes: 0,
    synapticOperations: 0,
    saturatedHigh: 0,
    saturatedLow: 0,
    clippedInputs: 0,
    taught: 0,
    forgotten: 0,
  };
}
