import { engineNamed } from '@spikewire/engine';
import type { DataSet } from '@spikewire/engine/data';
import { InProcessExecutor } from '@spikewire/engine/executor';
import { RandomGenerator, readParameters, readSafetensors, resolveGraph } from '@spikewire/models';
import { Session } from 'spikewire/session';
import { expect, it } from 'vitest';
import { interpreter } from '../../backend/interpreter.ts';
import { diehlCook } from '../../methods/diehl-cook.ts';
import { withTestPart } from '../../samples/test-part.ts';
import { bestOf } from '../history.ts';
import { Competition } from './competition.ts';

const SIDE = 6;

/** Bars across and down on a grid of 6 × 6, at grey 0…255 and not always whole. */
function bars(count: number): DataSet {
  const random = new RandomGenerator(2, 'bars');
  const bar = (label: number) =>
    Float64Array.from({ length: SIDE * SIDE }, (_, k) => {
      const line = label < 2 ? Math.floor(k / SIDE) : k % SIDE;
      const own = Math.floor(line / 3) === label % 2 && line % 3 !== 2;
      return own && random.nextUniform() < 0.9 ? 200 + 55 * random.nextUniform() : 0;
    });
  const labels = Int32Array.from({ length: count }, (_, k) => k % 4);
  const samples = Array.from(labels, bar);
  return { name: 'bars', classes: ['top', 'bottom', 'left', 'right'], samples, labels, shape: [1, SIDE, SIDE] };
}

const data = withTestPart(bars(160));
const open = async () => {
  const given = { neurons: 12, batch: 40, presented: 0.2, rest: 0.1 };
  const parameters = readParameters('diehl-cook', given, diehlCook.parameters);
  return diehlCook.start({ data, seed: 1, backend: interpreter }, parameters);
};

it('tells bars apart that nobody had named while it learned, and goes on bit for bit where it was stopped', async () => {
  const run = await open();
  await run.step();
  const stopped = run.save();
  expect(run.picture!.form).toEqual([SIDE, SIDE]);
  expect(run.picture!.weights).toHaveLength(12 * SIDE * SIDE);
  while (!run.finished) await run.step();
  expect(bestOf(run.history)!.validation.accuracy).toBeGreaterThan(0.9);

  const other = await open();
  await other.restore(stopped, 'checkpoint');
  while (!other.finished) await other.step();
  expect(other.save()).toEqual(run.save());
  expect(other.history).toEqual(run.history);
  await Promise.all([run.close(), other.close()]);
});

it('follows the thresholds of its neurons, shows again what drew too few spikes, and votes by classes', async () => {
  const net = { neurons: 12, classes: 4, range: [0, 255], channels: SIDE * SIDE, lit: 10, presented: 0.2, rest: 0.1 };
  const toUnit = (sample: ArrayLike<number>) => Float64Array.from(sample, (value) => value / 255);
  const chosen = { ...net, toUnit, learningRate: 0.01, tauTheta: 1e4, seed: 1 };
  const competition = new Competition({ ...chosen, vote: 'probability' });
  const { model, state } = competition;
  const executor = new InProcessExecutor(engineNamed('clocked'), model, { seed: 1 });
  const session = new Session(model, executor, { seed: 1 });
  await session.setLearning(true);
  for (let k = 0; k < 40; k++) {
    const values = Float64Array.from(data.training!.samples[k]!);
    await competition.show(session, { values, label: data.training!.labels[k]! });
  }
  const before = session.sequence;
  await competition.show(session, { values: new Float64Array(SIDE * SIDE), label: 0 });
  expect(session.sequence - before).toBe(9); // 63.75 Hz, and eight times 32 more

  const { tensors } = readSafetensors(await executor.save());
  const node = resolveGraph(model.graph, model.semantics).nodes.findIndex(({ name }) => name === 'excitatory');
  const scale = Number(tensors.get(`node${node}.scale`)!.data[0]);
  const theta = Array.from(tensors.get(`node${node}.theta`)!.data.subarray(0, 12), (own) => Number(own) * scale);
  expect(Math.max(...theta)).toBeGreaterThan(20.2);
  for (const [j, own] of theta.entries()) expect(state.theta[j]).toBeCloseTo(own, 3);

  const answering = competition.answering(model, state);
  const votes = (answering.graph.nodes.get('votes')!.parameters.weight as { data: Float64Array }).data;
  const row = (c: number) => state.answers.subarray(12 * c, 12 * (c + 1));
  const share = (c: number, j: number) => (row(c)[j]! + 1e-3) / (row(c).reduce((sum, mean) => sum + mean, 0) + 12e-3);
  for (let j = 0; j < 12; j++) {
    for (let c = 1; c < 4; c++) {
      const odds = Math.log(share(c, j) / share(0, j));
      expect(votes[12 * c + j]! - votes[j]!).toBeCloseTo(odds, 9);
    }
  }

  // In the paper a neuron speaks for the class that it answers most to, and a class by the mean of its neurons.
  const paper = new Competition({ ...chosen, vote: 'class' }).answering(model, state);
  const meant = (paper.graph.nodes.get('votes')!.parameters.weight as { data: Float64Array }).data;
  const classes = Array.from({ length: 12 }, (_, j) => {
    const means = [0, 1, 2, 3].map((c) => row(c)[j]!);
    return means.indexOf(Math.max(...means));
  });
  expect(new Set(classes).size).toBeGreaterThan(1);
  for (const [j, own] of classes.entries()) {
    const share = 1 / classes.filter((other) => other === own).length;
    expect([0, 1, 2, 3].map((c) => meant[12 * c + j]!)).toEqual([0, 1, 2, 3].map((c) => (c === own ? share : 0)));
  }
  expect(answering.encoder.get('in')!.parameters.maxRate).toBeCloseTo(10.25 * state.rate[0]!, 9);
  await session.close();
});
