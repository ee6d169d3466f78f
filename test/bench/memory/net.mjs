import { parseModel, quantize, RandomGenerator, writeModel } from '@spikewire/models';
import { CLASSES, INPUTS } from './window.mjs';

const HIDDEN = 128;
export const WEIGHTS = INPUTS * HIDDEN + HIDDEN * CLASSES;

/** The `.spike` file of an int8 net of two layers with random weights. */
export function modelFile() {
  const random = new RandomGenerator(1, 'weights');
  const weights = (rows, columns, deviation) =>
    Array.from({ length: rows }, () => Array.from({ length: columns }, () => deviation * random.nextNormal()));
  // τ and R such that v ← 0.9·v + input.
  const cell = { type: 'LIF', tau: 0.01, r: 10, v_threshold: 1, v_reset: 0 };
  const model = parseModel({
    nodes: {
      in: { type: 'Input', shape: [INPUTS] },
      first: { type: 'Linear', weight: weights(HIDDEN, INPUTS, 0.05) },
      hidden: cell,
      second: { type: 'Linear', weight: weights(CLASSES, HIDDEN, 0.1) },
      classes: cell,
      out: { type: 'Output', shape: [CLASSES] },
    },
    edges: [
      ['in', 'first'],
      ['first', 'hidden'],
      ['hidden', 'second'],
      ['second', 'classes'],
      ['classes', 'out'],
    ],
    semantics: { dt: 0.001, reset: 'subtract' },
  });
  return writeModel(quantize(model, { bits: 8 }));
}
