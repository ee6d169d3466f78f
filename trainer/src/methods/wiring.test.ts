import { readParameters } from '@spikewire/models';
import { expect, it } from 'vitest';
import { interpreter } from '../backend/interpreter.ts';
import { clouds } from '../data/clouds.test-data.ts';
import type { Run } from '../runs/run.ts';
import { withTestPart } from '../samples/test-part.ts';
import { methods } from './methods.ts';

const data = withTestPart(clouds(90));
/** Plain descent, which changes weights in proportion to their gradients. */
const plain = { arch: '3-8-3', batch: 20, steps: 3, optimiser: 'sgd:momentum=0', schedule: 'constant' };
const short = { analogueEpochs: 1, epochs: 1, analogueRate: 0.05, learningRate: 0.5 };

function begin(name: string, given: object): Promise<Run> {
  const method = methods.find((each) => each.name === name)!;
  const parameters = readParameters(name, { ...plain, ...given }, method.parameters);
  return method.start({ data, seed: 2, backend: interpreter }, parameters);
}

/** How hidden weights change in the first step after so many epochs. */
async function changeAfter(epochs: number, run: Run): Promise<number[]> {
  while (run.history.length < epochs) await run.step();
  await run.preparation?.();
  const weights = () => Array.from(run.save().arrays['now/layer1.weight']!, Number);
  const before = weights();
  await run.step();
  return weights().map((weight, k) => weight - before[k]!);
}

it.each([
  ['diet', 'gamma'],
  ['rathi', 'alpha'],
])('%s: what hidden weights learn through spikes is in proportion to %s', async (name, height) => {
  const changes = [];
  for (const value of [0.2, 0.6]) {
    const run = await begin(name, { ...short, [height]: value });
    changes.push(await changeAfter(1, run));
    await run.close();
  }
  const [low, high] = changes as [number[], number[]];
  expect(Math.max(...low.map(Math.abs))).toBeGreaterThan(1e-3);
  for (const [k, change] of low.entries()) expect(high[k]).toBeCloseTo(3 * change, 5);
});

it('stbp: the gradient goes through resets only where that is chosen', async () => {
  const weights = [];
  for (const given of [{}, { resetGradient: 'detached' }, { resetGradient: 'full' }]) {
    const run = await begin('stbp', { ...given, learningRate: 0.5 });
    await run.step();
    weights.push(Array.from(run.save().arrays['layer1.weight']!, Number));
    await run.close();
  }
  const [usual, detached, full] = weights as [number[], number[], number[]];
  expect(detached).toEqual(usual);
  expect(Math.max(...full.map((weight, k) => Math.abs(weight - usual[k]!)))).toBeGreaterThan(1e-4);
});

it.each([
  [{ labelWeight: 1, largeWeight: 0, smallWeight: 0 }, true, true],
  [{ labelWeight: 0, largeWeight: 1, smallWeight: 0 }, true, true],
  [{ labelWeight: 0, largeWeight: 0, smallWeight: 1 }, false, true],
  [{ labelWeight: 0, largeWeight: 0, smallWeight: 0 }, false, false],
])('kd with %j: the small net learns: %s; the spiking one: %s', async (weights, ofSmall, ofSpiking) => {
  const run = await begin('kd', { ...short, ...weights, teacher: '3-12-3' });
  const learns = (changes: readonly number[]) => changes.some((change) => change !== 0);
  expect(learns(await changeAfter(1, run))).toBe(ofSmall);
  expect(learns(await changeAfter(2, run))).toBe(ofSpiking);
  await run.close();
});

it('softlif: rates that were learned become leaky neurons that spike and answer', async () => {
  const given = { steps: 60, analogueEpochs: 8, analogueRate: 0.03, optimiser: 'adam', tauRef: 0.003, noise: 5 };
  const run = await begin('softlif', given);
  while (!run.finished) await run.step();
  const model = run.model(run.save());
  const { parameters } = model.graph.nodes.get('layer1.neurons')!;
  expect(Number((parameters.tau_ref as { data: ArrayLike<number> }).data[0])).toBeCloseTo(0.003, 9);
  expect(model.sample.steps).toBe(60);
  expect(run.history.at(-1)!.figures!.spikesPerSample).toBeGreaterThan(0);
  expect(run.history.at(-1)!.validation.accuracy).toBeGreaterThan(0.8);
  await run.close();
});
