import { RandomGenerator, readParameters } from '@spikewire/models';
import { engineNamed } from 'spikewire';
import { type DataSet, windowsOf } from 'spikewire/data';
import { InProcessExecutor } from 'spikewire/executor';
import { expect, it } from 'vitest';
import { interpreter } from '../backend/interpreter.ts';
import { iris } from '../data/tables.ts';
import { withTestPart } from '../data/test-part.ts';
import { bestOf } from '../runs/history.ts';
import { type KheradpishehChoices, kheradpisheh, StdpLearner, shapeOf } from './kheradpisheh.ts';

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

it.each(['reference', 'clocked', 'event'])('has spikes behind its layers that %s has', async (name) => {
  const chosen = parameters as unknown as KheradpishehChoices;
  const learner = new StdpLearner(shapeOf(data, chosen), { ...data, range: [0, 255] }, 3, chosen);
  const all = Uint32Array.from({ length: data.training!.samples.length }, (_, k) => k);
  for (let k = 0; k < 2; k++) learner.learn(data.training!, all);
  const model = learner.model(learner.arrays);
  const edges = model.graph.edges.filter(({ target }) => target !== 'votes' && target !== 'out');
  const nodes = new Map([...model.graph.nodes].filter(([node]) => node !== 'votes'));
  nodes.set('out', { type: 'Output', parameters: {} });
  const graph = { nodes, edges: [...edges, { source: 'features', target: 'out', delay: 0 }] };
  const answering = { ...model, graph, labels: [] };
  const executor = new InProcessExecutor(engineNamed(name), answering, { seed: 1 });
  let spikes = 0;
  for (const [index, window] of [...windowsOf(answering, data)].slice(0, 12).entries()) {
    const { output } = await executor.run({ ...window, fresh: true });
    const expected = learner.net.countsOf(Array.from(data.samples[index]!, (grey) => grey / 255));
    const found = new Float64Array(expected.length);
    for (const element of output.index) found[element]!++;
    expect(found).toEqual(expected);
    spikes += output.index.length;
  }
  expect(spikes).toBeGreaterThan(100);
  await executor.close();
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
