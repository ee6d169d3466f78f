export const INPUTS = 784;
export const CLASSES = 10;
export const STEPS = 25;
/** Output spikes that a window can have. */
export const OUTPUTS = STEPS * CLASSES;
/** Spikes per input and step. */
const ACTIVITY = 0.1;

/**
 * Random input spikes of one window, as an event list. Drawn by a generator of its own (Marsaglia's xorshift32): what
 * the program measures is the net, and one beside a worker thread needs nothing else of ours.
 */
export function randomWindow() {
  const [step, index] = [[], []];
  const below = Math.round(ACTIVITY * 2 ** 31);
  let random = 1;
  for (let k = 0; k < STEPS * INPUTS; k++) {
    random ^= random << 13;
    random ^= random >>> 17;
    random ^= random << 5;
    if (random >>> 1 >= below) continue;
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
