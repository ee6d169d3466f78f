import { RandomGenerator } from '@spikewire/models';

export const INPUTS = 784;
export const CLASSES = 10;
export const STEPS = 25;
/** Output spikes that a window can have. */
export const OUTPUTS = STEPS * CLASSES;
/** Spikes per input and step. */
const ACTIVITY = 0.1;

/** Random input spikes of one window, as an event list. */
export function randomWindow() {
  const random = new RandomGenerator(2, 'window');
  const [step, index] = [[], []];
  for (let k = 0; k < STEPS * INPUTS; k++) {
    if (random.nextUniform() >= ACTIVITY) continue;
    step.push(Math.floor(k / INPUTS));
    index.push(k % INPUTS);
  }
  return {
    step: Int32Array.from(step),
    node: new Int32Array(step.length),
    index: Int32Array.from(index),
    value: new Float64Array(step.length).fill(1),
  };
}
