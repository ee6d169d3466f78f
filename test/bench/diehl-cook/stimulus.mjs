import { RandomGenerator } from '@spikewire/models';
import { INPUTS, NEURONS, SAMPLE_STEPS, SHOWN_STEPS } from './network.mjs';

const WIDTH = 28;
/** Spikes per step of a pixel that is white: 63.75 Hz. */
const MOST = 63.75 * 0.0005;
/** What the pixels of a handwritten digit add up to on average. */
const INK = 100;
/** What the weights into each neuron add up to. */
const SUM = 78;

/** First weights and the Poisson spikes of `samples` drawings, each shown for 350 ms and followed by 150 ms of rest. */
export function diehlCookStimulus(samples) {
  const random = new RandomGenerator(7, 'drawings');
  const [steps, inputs] = [[], []];
  for (let n = 0; n < samples; n++) {
    const pixels = drawing(random);
    for (let step = 0; step < SHOWN_STEPS; step++) {
      for (let i = 0; i < INPUTS; i++) {
        if (pixels[i] === 0 || random.nextUniform() >= MOST * pixels[i]) continue;
        steps.push(n * SAMPLE_STEPS + step);
        inputs.push(i);
      }
    }
  }
  return { weights: firstWeights(), steps: Int32Array.from(steps), inputs: Int32Array.from(inputs), samples };
}

/** A line that a pen draws on its way through the middle of the image, 0…1. */
function drawing(random) {
  const pixels = new Float64Array(INPUTS);
  let [x, y, direction, ink] = [8 + 12 * random.nextUniform(), 8 + 12 * random.nextUniform(), 0, 0];
  while (ink < INK) {
    direction += 0.8 * random.nextNormal();
    x = Math.min(22, Math.max(5, x + Math.cos(direction)));
    y = Math.min(22, Math.max(5, y + Math.sin(direction)));
    for (const [dx, dy] of [
      [0, 0],
      [1, 0],
      [0, 1],
      [1, 1],
    ]) {
      const pixel = (Math.floor(y) + dy) * WIDTH + Math.floor(x) + dx;
      const darker = Math.min(1, pixels[pixel] + 0.7);
      ink += darker - pixels[pixel];
      pixels[pixel] = darker;
    }
  }
  return pixels;
}

function firstWeights() {
  const random = new RandomGenerator(7, 'weights');
  const weights = Float64Array.from({ length: INPUTS * NEURONS }, () => 0.003 + 0.3 * random.nextUniform());
  for (let j = 0; j < NEURONS; j++) {
    let sum = 0;
    for (let i = 0; i < INPUTS; i++) sum += weights[i * NEURONS + j];
    for (let i = 0; i < INPUTS; i++) weights[i * NEURONS + j] *= SUM / sum;
  }
  return weights;
}
