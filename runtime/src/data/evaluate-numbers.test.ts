import { referenceEngine } from '@spikewire/engine';
import { InProcessExecutor } from '@spikewire/engine/executor';
import { parseModel } from '@spikewire/models';
import { expect, it } from 'vitest';
import { chain } from '../../../test/chain.ts';
import { evaluateNumbers } from './evaluate-numbers.ts';

/** Answers x with 2x. */
const double = (decoder = 'linear', encoder = {}) =>
  parseModel({
    nodes: {
      in: { type: 'Input', shape: [1] },
      weight: { type: 'Linear', weight: [[2]] },
      out: { type: 'Output', shape: [1] },
    },
    edges: chain('in', 'weight', 'out'),
    semantics: { dt: 0.001 },
    encoder: { in: { type: 'direct', ...encoder } },
    decoder: { out: { type: decoder } },
    sample: { steps: 2, between: 'reset' },
  });

function run(samples: number[], targets: number[][], model = double()) {
  const data = { name: 'rows', classes: [], labels: new Int32Array(samples.length), targets };
  const executor = new InProcessExecutor(referenceEngine, model);
  return evaluateNumbers(model, executor, { ...data, samples: samples.map((x) => [x]) });
}

it('says how far answers are from those wanted, and how they go together', async () => {
  // Answers −1, 0, 1 and 2; deviations from their means ∓1.5, ∓.5 and −1, −1, 1, 1: 4/√(5·4).
  const found = await run([-0.5, 0, 0.5, 1], [[0], [0], [2], [2]]);
  expect(found.correlation).toBeCloseTo(4 / Math.sqrt(20), 6);
  expect(found.error).toBeCloseTo(Math.sqrt((1 + 0 + 1 + 0) / 4), 6);
  expect(found).toMatchObject({ samples: 4, spikesPerSample: 0 });
});

it('says how masks overlap, where all that is wanted are masks', async () => {
  // Pixels above 0 are the last two, of which one is wanted, and one that is not found.
  const found = await run([-0.5, 0, 0.5, 1], [[0], [1], [0], [1]]);
  expect(found.overlap).toBeCloseTo((1 + 0 + 0 + 1) / 4, 12);
  expect(await run([-0.5, 0, 0.5, 1], [[0], [1], [0], [2]])).not.toHaveProperty('overlap');
});

it('has no correlation with what stays', async () => {
  expect(await run([0.5, 1], [[3], [3]])).toMatchObject({ correlation: 0 });
});

it('leaves out samples without an answer, and counts them', async () => {
  const model = double('linear', { range: 'auto', warmUp: 4 });
  // Those answered are 1/2, 1/4, −1/4 and 0: their correlation with 1, 1, 0 and 1 is the same in any range.
  const samples = [-1, 1, -1, 0.5, 0.25, -0.25, 0];
  const targets = samples.map((x) => [x < 0 ? 0 : 1]);
  const found = await run(samples, targets, model);
  expect(found).toMatchObject({ samples: 7, unanswered: 3 });
  expect(found.correlation).toBeCloseTo(Math.sqrt(0.6), 2);
  // Of those answered three are on the side of 0 where they belong, in any range.
  expect(found.overlap).toBeGreaterThanOrEqual(3 / 4);
  await expect(run([0.5], [[1]], model)).rejects.toThrow('rows: has no sample to which this net gives an answer');
});

it('refuses targets of another size, none, and nets that name classes', async () => {
  await expect(run([0, 1], [[1], [1, 2]])).rejects.toThrow('rows: has targets of 2 numbers; expected 1');
  await expect(run([0, 1], [])).rejects.toThrow('rows: has targets of no numbers; expected 1');
  await expect(run([1], [[1]], double('count'))).rejects.toMatchObject({ code: 'unsupported' });
});
