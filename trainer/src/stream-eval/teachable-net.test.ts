import { engineNamed } from '@spikewire/engine';
import { windowsOf } from '@spikewire/engine/data';
import { InProcessExecutor } from '@spikewire/engine/executor';
import {
  elementCount,
  type Model,
  numbersOf,
  quantize,
  RandomGenerator,
  readModel,
  readParameters,
  resolveGraph,
  scalar,
  writeModel,
} from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { newModel } from '../architecture/model.ts';
import { netParameters } from '../architecture/parameters.ts';
import { withTaughtReadout } from '../outcome/teach.ts';
import { frontCounts } from './front.ts';
import { populationsOf, teachableNet, trainedNet, whyNotTeachable } from './teachable-net.ts';

const random = new RandomGenerator(1, 'samples');
const labels = Int32Array.from({ length: 240 }, (_, k) => k % 2);
const samples = Array.from(labels, (label) =>
  Float64Array.from({ length: 36 }, (_, i) => random.nextUniform() * (i % 2 === label ? 1 : 0.4)),
);
const data = { name: 'stripes', classes: ['a', 'b'], shape: [1, 6, 6], samples, labels };

function net(arch: string, more: object = {}): Model {
  const chosen = readParameters('net', { arch, steps: 6, threshold: 0.2, ...more }, netParameters);
  return newModel({ data, seed: 1, answer: 'spikes', net: chosen }).model;
}

/** Counts of each population by the spikes of a readable engine, as the raster has them. */
async function countsOf(model: Model, names: readonly string[], count: number, engine = 'reference') {
  const executor = new InProcessExecutor(engineNamed(engine), model, { seed: 1 });
  const order = resolveGraph(model.graph, model.semantics).nodes;
  const rows: Record<string, Map<number, number>>[] = [];
  for (const { steps, input } of windowsOf(model, { ...data, samples: samples.slice(0, count) })) {
    const { raster } = await executor.run({ steps, input, fresh: true, raster: true });
    const row = Object.fromEntries(names.map((name) => [name, new Map<number, number>()]));
    for (const [k, node] of raster!.node.entries()) {
      const own = row[order[node]!.name];
      own?.set(raster!.index[k]!, (own.get(raster!.index[k]!) ?? 0) + 1);
    }
    rows.push(row);
  }
  await executor.close();
  return rows;
}

/** The graph as it runs; what an Output says of its own shape does not matter. */
function resolved({ graph, semantics }: Model) {
  const { nodes, edges } = resolveGraph(graph, semantics);
  return { edges, nodes: nodes.map(({ name, node, shape }) => [name, shape, name === 'out' ? undefined : node]) };
}

describe('a net that can be taught', () => {
  it.each([
    ['36-20-2', ['layer1.neurons', 'layer2.neurons']],
    ['4C3-P2-12-2', ['layer3.neurons', 'layer4.neurons']],
    ['4C3-P2-2', ['layer1.neurons', 'layer3.neurons']],
    ['36-2', ['layer1.neurons']],
    ['36-R12-2', ['layer1.neurons', 'layer2.neurons']],
  ])('%s: its front spikes as the neurons do that were picked, and all others as before', async (arch, names) => {
    const model = net(arch);
    const populations = populationsOf(model);
    expect(populations.map(({ name }) => name)).toEqual(names);
    const picked = populations.map((population, p) => {
      const size = population.shape.reduce((a, b) => a * b, 1);
      return [population, Array.from({ length: size }, (_, k) => k).filter((k) => (k + p) % 3 !== 1)] as const;
    });
    const taught = readModel(writeModel(teachableNet(model, picked)));
    const expected = await countsOf(model, names, 5);
    const rows = await frontCounts(taught, samples.slice(0, 5));
    expect(rows.some((row) => row.some((count) => count > 0))).toBe(true);
    for (const [n, row] of rows.entries()) {
      const wanted = picked.flatMap(([{ name }, neurons]) => neurons.map((k) => expected[n]![name]!.get(k) ?? 0));
      expect(Array.from(row)).toEqual(wanted);
    }
    const [again, before] = [trainedNet(taught), readModel(writeModel(model))].map((each) => resolved(each));
    expect(again).toEqual(before);
  });

  it.each([
    [8, '36-20-2'],
    [4, '4C3-P2-12-2'],
  ] as const)('of %i bits has a front too, in whole numbers, and leaves the rest as it is', async (bits, arch) => {
    const model = quantize(net(arch), { bits });
    const populations = populationsOf(model);
    const picked = populations.map(
      (each) => [each, Array.from({ length: elementCount(each.shape) }, (_, k) => k)] as const,
    );
    const taught = readModel(writeModel(teachableNet(model, picked)));
    const names = populations.map(({ name }) => name);
    for (const own of model.graph.nodes.keys())
      if (own !== 'out') expect(taught.graph.nodes.get(own)).toEqual(model.graph.nodes.get(own));
    const expected = await countsOf(model, names, 5, 'integer');
    const rows = await frontCounts(taught, samples.slice(0, 5));
    expect(rows.some((row) => row.some((count) => count > 0))).toBe(true);
    for (const [n, row] of rows.entries()) {
      const wanted = picked.flatMap(([{ name }, neurons]) => neurons.map((k) => expected[n]![name]!.get(k) ?? 0));
      expect(Array.from(row)).toEqual(wanted);
    }
  });

  it('leaves a net alone that never had such a read-out', () => {
    const model = net('36-20-2');
    expect(trainedNet(model)).toBe(model);
  });

  it('says why a net cannot be one', () => {
    const model = net('36-20-2');
    expect(whyNotTeachable(model)).toBeUndefined();
    const linear = { ...model, decoder: new Map([['out', { type: 'linear', parameters: {} }]]) };
    expect(whyNotTeachable(linear)).toBe('it answers with numbers, not with a class');
    for (const type of ['earliest-spike', 'rank']) {
      const byTime = { ...model, decoder: new Map([['out', { type, parameters: {} }]]) };
      expect(whyNotTeachable(byTime)).toBe('it answers by when its neurons spike, which counts do not say');
    }
    expect(whyNotTeachable(net('36-20-2', { neuron: 'relu' }))).toBe('what answers is a state, not spikes');
    const many = { ...model, semantics: { ...model.semantics, spikesPerStep: 'many' } as const };
    expect(whyNotTeachable(many)).toBe('its neurons send several spikes at once');
    expect(whyNotTeachable({ ...model, labels: ['on', 'unknown'] })).toBe(
      'it has a class "unknown", and a read-out takes a line of 1 to 64 bytes that is not "unknown"',
    );
    expect(whyNotTeachable({ ...model, labels: ['on', 'é'.repeat(33)] })).toMatch(/^it has a class "é+", and /);
    expect(whyNotTeachable({ ...model, labels: ['on', 'é'.repeat(32)] })).toBeUndefined();
    const whole = teachableNet(
      model,
      populationsOf(model).map((each) => [each, [0]]),
    );
    expect(whyNotTeachable(whole)).toBe('it has a node "front"');
    const { nodes, edges } = net('36-1700-2').graph;
    const wide = {
      nodes: new Map([...nodes].filter(([name]) => !name.startsWith('layer2'))).set('out', {
        type: 'Output',
        parameters: {},
      }),
      edges: [
        ...edges.filter(({ source, target }) => !`${source} ${target}`.includes('layer2') && target !== 'out'),
        { source: 'layer1.neurons', target: 'out', delay: 0 },
      ],
    };
    expect(whyNotTeachable({ ...model, graph: wide })).toBe('1700 neurons answer, more than 1600');
  });

  it('of a wide one counts the 400 hidden neurons whose spikes vary most, and all that answer', async () => {
    const model = net('36-500-2');
    const part = { samples, labels };
    const { graph, base } = await withTaughtReadout(model, { learned: part, validation: part }, 1);
    const offset = numbersOf(graph.nodes.get('front.layer1.neurons')!, 'offset')!;
    const isPicked = (k: number) => offset.data[k + 1]! > offset.data[k]!;
    expect(graph.nodes.get('front.layer2.neurons')!.parameters.outputs).toEqual(scalar(402));
    const rows = await countsOf(model, ['layer1.neurons'], samples.length);
    const variances = Array.from({ length: 500 }, (_, k) => {
      const counts = rows.map((row) => row['layer1.neurons']!.get(k) ?? 0);
      const mean = counts.reduce((a, b) => a + b) / counts.length;
      return counts.reduce((sum, count) => sum + (count - mean) ** 2, 0);
    });
    const left = variances.filter((_, k) => !isPicked(k));
    expect(left).toHaveLength(100);
    expect(Math.max(...left)).toBeLessThanOrEqual(Math.min(...variances.filter((_, k) => isPicked(k))) + 1e-6);
    expect(base.get('out')!.get('adapted.0.diagonal')!.data).toHaveLength(403);
  });
});
