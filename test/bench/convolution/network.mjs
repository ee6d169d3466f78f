import { parseModel, RandomGenerator } from '@spikewire/models';
import { EventBuffer } from 'spikewire';
import { onItsGrid } from '../infer/grid.mjs';

const [SIDE, CLASSES, STEPS] = [28, 10, 25];
const INPUTS = SIDE * SIDE;
const SAMPLES = 16;
/** Spikes per input and step. */
const ACTIVITY = 0.1;

/**
 * The layers with weights. A weight is integer·2^−shift, so that sums in float32 are exact in any order; the spread of
 * the integers is such that a layer fires at about 0.1 spikes per neuron and step, the last at 0.15. Behind an average
 * of four a sum of integers counts a quarter.
 */
export const layers = [
  { connection: 'first', population: 'edges', shape: [12, 1, 5, 5], shift: 6, spread: 39, averaged: 1 },
  { connection: 'second', population: 'shapes', shape: [32, 12, 5, 5], shift: 7, spread: 22, averaged: 4 },
  { connection: 'third', population: 'classes', shape: [CLASSES, 512], shift: 8, spread: 18, averaged: 4 },
];

/**
 * 12C5-P2-32C5-P2-10 with the step v ← 0.9·v + input, both forms of it with the same integers as weights, and spikes to
 * run it on.
 */
export function convolutionWorkload() {
  const random = new RandomGenerator(1, 'weights');
  const integers = layers.map(({ shape, spread }) =>
    Int8Array.from({ length: shape.reduce((product, length) => product * length) }, () =>
      Math.max(-127, Math.min(127, Math.round(spread * random.nextNormal()))),
    ),
  );
  const model = modelOf(integers);
  const inUnits = layers.map((layer, k) => ({
    ...layer,
    integers: integers[k],
    unit: 2 ** -layer.shift / layer.averaged,
  }));
  return {
    model,
    integerModel: onItsGrid(model, inUnits),
    integers,
    steps: STEPS,
    samples: randomSamples(new RandomGenerator(2, 'samples')),
    held: false,
  };
}

function modelOf(integers) {
  const [first, second, third] = layers.map(({ shape, shift }, k) =>
    shaped(
      Array.from(integers[k], (integer) => integer * 2 ** -shift),
      shape,
    ),
  );
  const geometry = { stride: 1, padding: 0, dilation: 1, groups: 1 };
  const half = { type: 'AvgPool2d', kernel_size: 2, stride: 2, padding: 0 };
  const cell = { type: 'LIF', tau: 0.01, r: 10, v_threshold: 1, v_reset: 0 };
  const nodes = {
    in: { type: 'Input', shape: [1, SIDE, SIDE] },
    first: { type: 'Conv2d', weight: first, input_shape: [SIDE, SIDE], ...geometry },
    edges: cell,
    half,
    second: { type: 'Conv2d', weight: second, ...geometry },
    shapes: cell,
    quarter: half,
    flat: { type: 'Flatten', start_dim: 0, end_dim: -1 },
    third: { type: 'Linear', weight: third },
    classes: cell,
    out: { type: 'Output', shape: [CLASSES] },
  };
  const names = Object.keys(nodes);
  return parseModel({
    nodes,
    edges: names.slice(1).map((name, k) => [names[k], name]),
    semantics: { dt: 0.001, integrate: 'euler', threshold: 'gt', reset: 'subtract' },
  });
}

function randomSamples(random) {
  const node = 0;
  return Array.from({ length: SAMPLES }, () => {
    const sample = new EventBuffer(STEPS * INPUTS);
    for (let step = 0; step < STEPS; step++) {
      for (let index = 0; index < INPUTS; index++) {
        if (random.nextUniform() < ACTIVITY) sample.push(step, node, index, 1);
      }
    }
    return sample;
  });
}

/** Nested arrays in row-major order. */
function shaped(values, [first, ...rest]) {
  if (rest.length === 0) return values;
  const size = values.length / first;
  return Array.from({ length: first }, (_, k) => shaped(values.slice(k * size, (k + 1) * size), rest));
}
