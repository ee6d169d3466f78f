import { engineNamed } from '@spikewire/engine';
import type { DataSet } from '@spikewire/engine/data';
import { RandomGenerator, readParameters } from '@spikewire/models';
import { expect, it } from 'vitest';
import { interpreter } from '../backend/interpreter.ts';
import { iris } from '../data/tables.ts';
import { bestOf } from '../runs/history.ts';
import { withTestPart } from '../samples/test-part.ts';
import { contrastTimes, countsOf, learn, secondTimes } from '../spike-times/convolutional-layers.test-data.ts';
import type { LayerWeights } from '../spike-times/convolutional-model.ts';
import { answersOf, type KheradpishehChoices, kheradpisheh, StdpLearner, shapeOf } from './kheradpisheh.ts';

const SIDE = 12;

/** Lines across, down and aslant, somewhere on a grid, of greys that are not always the same. */
function lines(count: number): DataSet {
  const random = new RandomGenerator(2, 'lines');
  const labels = Int32Array.from({ length: count }, (_, k) => k % 3);
  const samples = Array.from(labels, (label) => {
    const at = label === 2 ? random.nextInteger(7) - 3 : 2 + random.nextInteger(SIDE - 4);
    return Float64Array.from({ length: SIDE * SIDE }, (_, k) => {
      const [y, x] = [Math.floor(k / SIDE), k % SIDE];
      return [y, x, y - x][label] === at ? 180 + 75 * random.nextUniform() : 0;
    });
  });
  return { name: 'lines', classes: ['across', 'down', 'aslant'], samples, labels, shape: [1, SIDE, SIDE] };
}

const small = { field: 3, pool: 2, maps: 8, secondMaps: 10, firstThreshold: 3, secondThreshold: 2, answerThreshold: 1 };
const choices = { ...small, first: 120, second: 150, batch: 100, epochs: 3 };
const parameters = readParameters('kheradpisheh', choices, kheradpisheh.parameters);
const data = withTestPart(lines(300));
const open = () => kheradpisheh.start({ data, seed: 1, backend: interpreter }, parameters);

it('tells lines apart of which the layers knew no labels, and goes on bit for bit where it was stopped', async () => {
  const run = await open();
  for (let k = 0; k < 2; k++) await run.step();
  const stopped = run.save();
  expect(run.picture).toMatchObject({ form: [3, 3], weights: { length: 8 * 9 } });
  while (!run.finished) await run.step();
  expect(bestOf(run.history)!.validation.accuracy).toBeGreaterThan(0.9);

  const other = await open();
  await other.restore(stopped, 'here');
  while (!other.finished) await other.step();
  expect(other.save()).toEqual(run.save());
  expect(other.history).toEqual(run.history);
});

const chosen = parameters as unknown as KheradpishehChoices;
const shape = shapeOf(data, chosen);
const set = { ...data, range: [0, 255] };
const imageOf = (sample: ArrayLike<number>) => Array.from(sample, (grey) => grey / 255);

/** Weights that the layers have by the equations after so many samples. */
function learnedByEquations({ first, second }: LayerWeights, samples: readonly ArrayLike<number>[], after: number[]) {
  const weights = { first: first.slice(), second: second.slice() };
  const learned: LayerWeights[] = [];
  for (const [k, sample] of samples.entries()) {
    const image = imageOf(sample);
    const [layer, n, count] = k < 120 ? (['first', k, 120] as const) : (['second', k - 120, 150] as const);
    const rule = layer === 'first' ? { threshold: 3, most: 5, apart: 4 } : { threshold: 2, most: 8, apart: 3 };
    const times = layer === 'first' ? contrastTimes(shape, chosen, image) : secondTimes(shape, chosen, weights, image);
    const aPlus = 0.01 * 15 ** (Math.floor((16 * n) / count) / 15);
    learn(shape[layer], weights[layer], times, { ...rule, steps: 30, aPlus, aMinus: 0.75 * aPlus });
    if (after.includes(k + 1)) learned.push({ first: weights.first.slice(), second: weights.second.slice() });
  }
  return learned;
}

it('learns on every engine what the equations say', () => {
  const { samples, labels } = data.training!;
  const indices = Uint32Array.from({ length: 270 }, (_, k) => k % samples.length);
  const { arrays } = new StdpLearner(shape, set, 3, chosen);
  const all = Array.from(indices, (k) => samples[k]!);
  const [early, late] = learnedByEquations(arrays, all, [120, 270]) as [LayerWeights, LayerWeights];
  for (const [engine, count, digits] of [
    ['reference', 270, 12],
    ['event', 120, 12],
    ['clocked', 270, 4],
  ] as const) {
    const learner = new StdpLearner(shape, set, 3, chosen, engine);
    // In parts that are no stages.
    for (let k = 0; k < count; k += 70)
      learner.learn({ samples, labels }, indices.subarray(k, Math.min(k + 70, count)));
    for (const layer of ['first', 'second'] as const) {
      const expected = (count === 270 ? late : early)[layer];
      expect(Array.from(learner.arrays[layer]), `${engine} ${layer}`).toEqual(
        Array.from(expected, (weight) => expect.closeTo(weight, digits)),
      );
    }
  }
  expect(late.second).not.toEqual(early.second);
  expect(late.first).not.toEqual(arrays.first);
});

it.each(['reference', 'clocked', 'event'])('has spikes behind its layers on %s that the equations have', (name) => {
  const learner = new StdpLearner(shape, set, 3, chosen);
  const all = Uint32Array.from({ length: data.training!.samples.length }, (_, k) => k);
  for (let k = 0; k < 2; k++) learner.learn(data.training!, all);
  const samples = data.samples.slice(0, 12);
  const found = [...answersOf(engineNamed(name).load(learner.reading()), samples)];
  expect(found).toEqual(samples.map((sample) => countsOf(shape, chosen, learner.arrays, imageOf(sample))));
  const spikes = found.flatMap((counts) => [...counts]).reduce((sum, count) => sum + count, 0);
  expect(spikes).toBeGreaterThan(100);
});

it('says what it cannot look at', async () => {
  const begin = async (set: DataSet) => kheradpisheh.start({ data: set, seed: 1, backend: interpreter }, parameters);
  await expect(begin(await iris.load(undefined))).rejects.toThrow(
    'iris: has samples that are no images; expected grey',
  );
  const few = { ...choices, first: 300, second: 400 };
  const site = { data, seed: 1, backend: interpreter };
  await expect(kheradpisheh.start(site, { ...parameters, ...few })).rejects.toThrow(
    '--first: is 300, with --second 400 of',
  );
  await expect(begin({ ...data, shape: [1, 6, 24] })).rejects.toThrow(
    'has samples of [1, 6, 24]; expected grey images of 8',
  );
});
