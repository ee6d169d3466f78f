import { numbersOf, readParameters } from '@spikewire/models';
import { expect, it } from 'vitest';
import { interpreter } from '../backend/interpreter.ts';
import { clouds } from '../data/clouds.test-data.ts';
import { withTestPart } from '../samples/test-part.ts';
import { rnl } from './rnl.ts';

const data = withTestPart(clouds(300));

it('learns p alone in its second stage, and converts with θ = p·max', async () => {
  const given = { arch: '3-12-3', steps: 6, analogueEpochs: 8, epochs: 3, batch: 20, analogueRate: 0.01, strength: 1 };
  const parameters = readParameters('rnl', given, rnl.parameters);
  const run = await rnl.start({ data, seed: 3, backend: interpreter }, parameters);
  while (!run.finished) await run.step();
  const { arrays } = run.save();
  const number = (name: string) => Number(arrays[name]![0]);
  expect(arrays['1/layer1.weight']).toBeUndefined();
  const [first, settled] = [number('0/layer1.rate-norm.p'), number('1/layer1.rate-norm.p')];
  expect(settled).toBeLessThan(first);
  const theta = settled * number('0/layer1.rate-norm.largest');
  const model = run.model(run.save());
  const weights = numbersOf(model.graph.nodes.get('layer1')!, 'weight')!.data;
  for (const [k, weight] of weights.entries()) {
    expect(weight * theta).toBeCloseTo(Number(arrays['0/layer1.weight']![k]), 5);
  }
  expect(model.sample.steps).toBe(6);
  const [neurons] = [...model.graph.nodes.values()].filter(({ type }) => type === 'IF');
  expect([...numbersOf(neurons!, 'v_initial')!.data]).toEqual([0.5]);
  expect(run.history.at(-1)!.validation.accuracy).toBeGreaterThan(0.9);
  await run.close();
});

it('has the regulariser that was chosen in its second stage too', async () => {
  const short = { arch: '3-12-3', steps: 6, analogueEpochs: 1, epochs: 2, batch: 20, analogueRate: 1e-9, strength: 0 };
  const settled = async (regulariser?: string) => {
    const parameters = readParameters('rnl', { ...short, ...(regulariser && { regulariser }) }, rnl.parameters);
    const run = await rnl.start({ data, seed: 3, backend: interpreter }, parameters);
    while (!run.finished) await run.step();
    const p = Number(run.save().arrays['1/layer1.rate-norm.p']![0]);
    await run.close();
    return p;
  };
  expect(await settled('rate:strength=100,most=0')).toBeLessThan((await settled()) - 0.01);
});
