import { EventBuffer } from 'spikewire';

const CLASSES = 10;

/** Runs a sample from a fresh start and returns its output spikes by class. */
export function countSpikes(network, sample, steps) {
  const output = new EventBuffer(steps * CLASSES);
  network.resetActivity();
  network.run(steps, sample, output);
  const counts = new Array(CLASSES).fill(0);
  for (let k = 0; k < output.length; k++) counts[output.index[k]] += output.value[k];
  return counts;
}
