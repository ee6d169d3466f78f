import type { DataSet, LabelledSamples } from '@spikewire/engine/data';
import { readParameters } from '@spikewire/models';
import { expect, it } from 'vitest';
import { interpreter } from '../backend/interpreter.ts';
import { shapes } from '../data/shapes.ts';
import { masks } from '../measures/masks.ts';
import { judge } from '../measures/measure.ts';
import type { GradientRun } from '../runs/gradient/gradient.ts';
import type { Method } from './method.ts';
import { patel } from './patel.ts';
import { stbp } from './stbp.ts';

const first = ({ samples, labels, targets }: LabelledSamples, count: number): LabelledSamples => ({
  samples: samples.slice(0, count),
  labels: labels.slice(0, count),
  targets: targets!.slice(0, count),
});

async function begin(method: Method, given: object): Promise<GradientRun> {
  const whole = await shapes.load(undefined);
  const parts = { training: first(whole.training!, 32), validation: first(whole.validation!, 8) };
  const data: DataSet = { ...whole, ...first(whole, 8), ...parts };
  const chosen = { arch: '3C3=-P2-2C3=-U2-J1-1C3=', batch: 8, epochs: 4, learningRate: 0.02, ...given };
  const parameters = readParameters(method.name, chosen, method.parameters);
  return (await method.start({ data, seed: 1, backend: interpreter }, parameters)) as GradientRun;
}

it('learns masks, and ends with an analogue net of plain rectifiers that answers with one number per pixel', async () => {
  const run = await begin(patel, {});
  const losses: number[] = [];
  while (!run.finished) losses.push((await run.step()).score.loss);
  expect(losses.at(-1)).toBeLessThan(0.8 * losses[0]!);
  const model = run.model(run.save());
  const types = [...model.graph.nodes.values()].map(({ type }) => type);
  expect(types.filter((type) => type === 'ReLU')).toHaveLength(2);
  const { worth: overlap } = await judge(masks, model, { name: 'shapes', classes: [], ...run.samples.validation });
  expect(overlap).toBeGreaterThanOrEqual(0);
  expect(overlap).toBeLessThanOrEqual(1);
  await run.close();
});

it('is refused by losses that want classes', async () => {
  await expect(begin(stbp, { neuron: 'relu', steps: 1, loss: 'membrane' })).rejects.toThrow(
    /^shapes:1: has numbers for answers; expected classes, or masks and the loss pixels$/,
  );
});
