import { readParameters } from '@spikewire/models';
import { expect, it } from 'vitest';
import { onnxRuntime } from '../backend/onnx-runtime.ts';
import { digits } from '../data/tables.ts';
import { bestOf } from '../runs/history.ts';
import { scoreOn } from '../runs/validation.ts';
import { methods } from './methods.ts';

const data = await digits.load();
const short = { arch: '64-32-10', batch: 32, analogueEpochs: 10, epochs: 8, learningRate: 0.004, analogueRate: 0.004 };

/** Accuracy on the test digits, of the converted start and of the best epoch. */
async function accuracies(name: string, changes: object, seed: number) {
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
    if (record.pending) start = run.model(run.save());
    if (bestOf(run.history) === record) best = run.save();
  }
  const models = [start, run.model(best)] as const;
  await run.close();
  const scores = models.map(async (model) => (await scoreOn(model, data, data, seed)).score.accuracy);
  return Promise.all(scores) as Promise<[number, number]>;
}

it.each([
  ['diet', { steps: 2 }, 0.05],
  ['kd', { steps: 2, teacher: '64-128-10' }, 0.05],
  ['rathi', { steps: 4 }, 0.005],
] as const)('%s is better than its converted start with the same steps, on the mean of three seeds', async (...row) => {
  const [name, changes, gain] = row;
  const found = [];
  for (const seed of [1, 2, 3]) found.push(await accuracies(name, changes, seed));
  const [start, end] = [0, 1].map((k) => found.reduce((sum, pair) => sum + pair[k]! / found.length, 0));
  expect(end! - start!, `${start} to ${end}`).toBeGreaterThan(gain);
  expect(end).toBeGreaterThan(0.9);
});
