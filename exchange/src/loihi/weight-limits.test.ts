import { parseModel } from '@spikewire/models';
import { expect, it } from 'vitest';
import { loihiLimits } from './limits.ts';

/** Weights in steps of 64 into one compartment, and what of them Loihi lacks. */
function missed(steps: readonly number[]): string[] {
  const model = parseModel({
    nodes: {
      in: { type: 'Input', shape: [steps.length] },
      w: { type: 'Linear', weight: [steps.map((each) => 64 * each)] },
      cell: { type: 'LoihiLIF', v_threshold: 64 },
      out: { type: 'Output' },
    },
    edges: [
      ['in', 'w'],
      ['w', 'cell'],
      ['cell', 'out'],
    ],
    semantics: { dt: 1e-3 },
  });
  const limits = loihiLimits(model).filter(({ fits }) => !fits);
  return limits.map(({ node, what, needs, has }) => `${node}: ${what}: ${needs}, has ${has}`);
}

// nengo-loihi e564f66, builder/validate.py: 0 to 255, -256 to 0, or -256 to 254 in twos; times 2^-7 to 2^7.
it.each([
  [[127 * 2 ** 8, 64 * 2 ** 8]],
  [[1024, 1024]],
  [[255 * 2 ** 7]],
  [[-256, -1]],
  [[-256 * 2 ** 7]],
  [[127, -128]],
  [[127 * 2 ** 8, -128 * 2 ** 8]],
  [[0, 0]],
])('the weights %j are some steps times a power of two', (steps) => {
  expect(missed(steps)).toEqual([]);
});

it.each([
  [[256, 1], 'w: steps of weights of one sign: 256, has 255'],
  [[-257, -1], 'w: steps of weights of one sign: 257, has 256'],
  [[128, -1], 'w: steps of weights of both signs: 128, has 127'],
  [[127, -129], 'w: steps of weights of both signs: 129, has 128'],
  [[255 * 2 ** 8], 'w: exponent of weights: 8, has 7'],
  [[127 * 2 ** 9, -(2 ** 9)], 'w: exponent of weights: 8, has 7'],
  [[0.5], 'w: weights that are not multiples of 64: 1, has 0'],
])('the weights %j are not', (steps, problem) => {
  expect(missed(steps)).toEqual([problem]);
});
