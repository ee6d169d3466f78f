import { expect, it } from 'vitest';
import { stepsAlike } from './baselines/steps-alike.mjs';

const spikes = [
  [1, 2],
  [3, 4],
] as const;

it.each([
  ['nothing', [], [], 10],
  ['the same', spikes, spikes, 10],
  ['too few', spikes.slice(0, 1), spikes, 3],
  ['too many', spikes, spikes.slice(0, 1), 3],
  ['another neuron', [spikes[0], [3, 5]], spikes, 3],
  ['a spike that is late', [spikes[0], [7, 4]], spikes, 3],
  ['a spike that is early', [spikes[0], [2, 4]], spikes, 2],
])('two programs are alike until the first step in which they differ: %s', (_what, ours, truth, steps) => {
  expect(stepsAlike(ours, truth, 10)).toBe(steps);
});
