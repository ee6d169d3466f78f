import { type Model, readParameters } from '@spikewire/models';
import { expect, it } from 'vitest';
import { onnxRuntime } from '../backend/onnx-runtime.ts';
import { digits } from '../data/tables.ts';
import { bestOf } from '../runs/history.ts';
import { scoreOn } from '../runs/validation.ts';
import { methods } from './methods.ts';

const data = await digits.load('');
const short = { arch: '64-32-10', batch: 32, analogueEpochs: 10, epochs: 8, learningRate: 0.004, analogueRate: 0.004 };
const SEEDS = [1, 2, 3];

/** The net with which the last stage began, and that of its best epoch. */
async function trained(name: string, changes: object, seed: number): Promise<{ start: Model; end: Model }> {
  const method = methods.find((each) => each.name === name)!;
  const parameters = readParameters(name, { ...short, ...changes }, method.parameters);
  const run = await method.start({ data, seed, backend: onnxRuntime(1) }, parameters);
  let best = run.save();
  let start = run.model(best);
  while (!run.finished) {
    const { length } = run.history;
    await run.step();
    if (run.history.length === length) continue;
    const record = run.history.at(-1)!;
    await run.preparation?.();
    if (record.pending) start = run.model(run.save());
    if (bestOf(run.history) === record) best = run.save();
  }
  const end = run.model(best);
  await run.close();
  return { start, end };
}

/** Mean accuracy on the test digits. */
async function accuracyOf(nets: readonly Model[]): Promise<number> {
  const scores = await Promise.all(nets.map(async (net) => (await scoreOn(net, data, data, 1)).score.accuracy));
  return scores.reduce((sum, each) => sum + each) / scores.length;
}

it.each([
  ['diet', { steps: 2 }, 0.05],
  ['kd', { steps: 2, teacher: '64-128-10' }, 0.05],
  ['rathi', { steps: 4 }, 0.005],
] as const)('%s is better than its converted start with the same steps, on the mean of three seeds', async (...row) => {
  const [name, changes, gain] = row;
  const nets = [];
  for (const seed of SEEDS) nets.push(await trained(name, changes, seed));
  const start = await accuracyOf(nets.map((each) => each.start));
  const end = await accuracyOf(nets.map((each) => each.end));
  expect(end - start, `${start} to ${end}`).toBeGreaterThan(gain);
  expect(end).toBeGreaterThan(0.9);
});

it('rnl: few steps do better where p has learned by the error of rates, on the mean of three seeds', async () => {
  const accuracies = [];
  for (const strength of [0, 1]) {
    const nets = [];
    for (const seed of SEEDS) {
      const { end } = await trained('rnl', { steps: 3, strength, epochs: 4, learningRate: 0.02 }, seed);
      nets.push(end);
    }
    accuracies.push(await accuracyOf(nets));
  }
  const [without, learned] = accuracies;
  expect(learned! - without!, `${without} to ${learned}`).toBeGreaterThan(0.01);
});
