import { calibrate, EventBuffer, engineNamed } from '@spikewire/engine';
import { windowsOf } from '@spikewire/engine/data';
import { numbersOf, quantize, readParameters } from '@spikewire/models';
import { expect, it } from 'vitest';
import { interpreter } from '../backend/interpreter.ts';
import { clouds } from '../data/clouds.test-data.ts';
import { bestOf } from '../runs/history.ts';
import { scoreOn } from '../runs/validation.ts';
import { withTestPart } from '../samples/test-part.ts';
import { whetstone } from './whetstone.ts';

const data = withTestPart(clouds(300));
const open = (changes = {}) => {
  const chosen = { arch: '3-bn-16-bn-3', hot: 3, warmUp: 2, sharpening: 0.5, batch: 20, learningRate: 0.01 };
  const parameters = readParameters('whetstone', { ...chosen, ...changes }, whetstone.parameters);
  return whetstone.start({ data, seed: 3, backend: interpreter }, parameters);
};

it('ends with neurons of one step whose answers on the engine are those of its training, and goes on bit for bit', async () => {
  const run = await open();
  const states = [];
  while (!run.finished) {
    await run.step();
    states.push(run.save());
  }
  expect(run.history.map(({ pending }) => pending === true)).toEqual(
    run.history.map((_, k, all) => k < all.length - 1),
  );
  const { validation } = bestOf(run.history)!;
  const { arrays } = run.save();
  for (const layer of ['layer1', 'layer2']) {
    expect([...arrays[`${layer}.bounded-rectifier.sharpness`]!]).toEqual([1]);
    const before = states.at(-2)!.arrays[`${layer}.bounded-rectifier.sharpness`]![0];
    expect(before)[layer === 'layer1' ? 'toBe' : 'toBeLessThan'](1);
  }
  const model = run.model(run.save());
  const { score } = await scoreOn(model, run.samples.validation, data, 1);
  expect(score.accuracy).toBe(validation.accuracy);
  expect(score.accuracy).toBeGreaterThan(0.9);
  expect(model.sample.steps).toBe(1);
  const whole = quantize(model, { bits: 8, calibration: calibrate(model, windowsOf(model, run.samples.learned)) });
  expect((await scoreOn(whole, run.samples.validation, data, 1)).score.accuracy).toBeCloseTo(score.accuracy, 1);
  const types = [...model.graph.nodes.values()].map(({ type }) => type);
  expect(types.filter((type) => type === 'Threshold')).toHaveLength(2);
  expect(types).not.toContain('ReLU');
  const { data: votes, shape } = numbersOf(model.graph.nodes.get('votes')!, 'weight')!;
  expect(shape).toEqual([3, 9]);
  const vote = votes[0]!;
  expect(3 * vote).toBeCloseTo(4, 2);
  expect(Number.isInteger(4096 * vote)).toBe(true);
  expect([...votes].map((weight) => weight / vote)).toEqual([
    ...[1, 0, 0, 1, 0, 0, 1, 0, 0],
    ...[0, 1, 0, 0, 1, 0, 0, 1, 0],
    ...[0, 0, 1, 0, 0, 1, 0, 0, 1],
  ]);

  const stopped = Math.floor(states.length * 0.6);
  const other = await open();
  await other.restore(structuredClone(states[stopped]!), 'checkpoint');
  while (!other.finished) await other.step();
  expect(other.save()).toEqual(states.at(-1));
  expect(other.history).toEqual(run.history);
  await Promise.all([run.close(), other.close()]);
});

it('refuses an architecture that does not end with the classes', async () => {
  await expect(open({ arch: '3-16-4' })).rejects.toThrow(
    /^architecture 3-16-4: does not end with the classes of the data; expected …-3$/,
  );
});

it('cuts the rectifiers at one half', async () => {
  const run = await open();
  await run.step();
  const model = run.model(run.save());
  await run.close();
  const [weight, bias] = ['weight', 'bias'].map((key) => numbersOf(model.graph.nodes.get('layer1')!, key)!.data);
  const network = engineNamed('reference').load(model);
  const node = network.graph.nodes.findIndex(({ name }) => name === 'layer1.neurons');
  let near = 0;
  for (const { steps, input } of windowsOf(model, data)) {
    const currents = Array.from({ length: 16 }, (_, i) => {
      const sum = Array.from({ length: 3 }, (_, j) => weight![3 * i + j]! * input.value[j]!);
      return sum.reduce((total, each) => total + each, bias![i]!);
    });
    const raster = new EventBuffer(100);
    network.resetActivity();
    network.run(steps, input, new EventBuffer(100), raster);
    const spiking = new Set([...raster.index.slice(0, raster.length)].filter((_, k) => raster.node[k] === node));
    for (const [i, current] of currents.entries()) {
      const distance = Math.abs(current - 0.5);
      // At a tie in float32 either is right.
      if (distance > 1e-5) expect(spiking.has(i), `${current}`).toBe(current > 0.5);
      if (distance < 0.02) near++;
    }
  }
  expect(near).toBeGreaterThan(10);
});
