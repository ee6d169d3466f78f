import { InputStage } from '@spikewire/engine/coding';
import {
  elementCount,
  encoderKindOf,
  encoderKinds,
  type Model,
  parseModel,
  RandomGenerator,
  type ResolvedGraph,
  resolveGraph,
} from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { BatchEncoding } from './encoding.ts';

const STEPS = 12;
const CHANNELS = 3;
const BATCH = 5;
const SEED = 7;

/** Every example of every kind, and the elements of an Input that it fits. */
const uses = encoderKinds.flatMap(({ type, examples }) =>
  examples.map(({ parameters, elements = 1 }) => ({ type, parameters, elements: CHANNELS * elements })),
);
type Use = (typeof uses)[number];
type Event = readonly [step: number, element: number, value: number];

/** A net with an Input for each use, which leads to nothing but an Output. */
function netOf(inputs: readonly Use[], more: object): readonly [Model, ResolvedGraph] {
  const names = inputs.map((_, k) => `in${k}`);
  const nodes = Object.fromEntries([
    ...inputs.map(({ elements }, k) => [names[k], { type: 'Input', shape: [elements] }]),
    ...inputs.map(({ elements }, k) => [`out${k}`, { type: 'Output', shape: [elements] }]),
  ]);
  const model = parseModel({
    nodes,
    edges: names.map((name, k) => [name, `out${k}`]),
    semantics: { dt: 0.001 },
    sample: { steps: STEPS, between: 'reset' },
    encoder: Object.fromEntries(inputs.map(({ type, parameters }, k) => [names[k], { type, ...parameters, ...more }])),
  });
  return [model, resolveGraph(model.graph, model.semantics)];
}

/** Samples that pass the ends of the range, in numbers of several formats. */
function samplesOf(numbers: number): ArrayLike<number>[] {
  const random = new RandomGenerator(1, 'samples');
  const drawn = () => Float64Array.from({ length: numbers }, () => 120 * random.nextUniform() - 40);
  const all = Array.from({ length: BATCH }, drawn);
  return [...all.slice(0, 2), Array.from(all[2]!), Float32Array.from(all[3]!), Int8Array.from(all[4]!)];
}

/**
 * What the kind itself gives for samples one after the other: [step, element, value] of each. What it draws for a
 * sample comes from `random`, what it draws before from `prepared`.
 */
function eventsOf(
  { type, parameters, elements }: Use,
  more: object,
  samples: readonly ArrayLike<number>[],
  random: RandomGenerator,
  prepared = random,
) {
  const site = { size: elements, steps: STEPS, dt: 0.001, random: prepared };
  const encoder = encoderKindOf(type, 'test').prepare({ ...parameters, ...more }, site);
  if (prepared !== random) prepared.state.set(random.state);
  const events = samples.map((sample) => {
    const own: Event[] = [];
    encoder.encode(sample, (...event) => own.push(event));
    return own;
  });
  random.state.set(prepared.state);
  return events;
}

describe.each([{ range: [-40, 80] }, { range: 'auto', warmUp: 2 }])('with %j', (more) => {
  describe.each(uses)('$type $parameters', (use) => {
    const [model, graph] = netOf([use], more);
    const samples = samplesOf(CHANNELS);
    const generator = () => new RandomGenerator(SEED, 'encoder in0');

    it('the runtime encodes as the kind does, bit for bit', () => {
      const stage = new InputStage(model, graph, SEED);
      const lists = samples.map((sample) => stage.encode(Float64Array.from(sample))!);
      const rows = lists.map(({ step, index, value }) => Array.from(step, (at, k) => [at, index[k]!, value[k]!]));
      expect(rows).toEqual(eventsOf(use, more, samples, generator()));
    });

    it('the trainer encodes as the kind does, bit for bit', () => {
      const [random, own] = [generator(), generator()];
      const encoding = new BatchEncoding(model, graph, BATCH);
      expect(encoding.channels).toBe(CHANNELS);
      // Twice, as for two batches.
      for (const _ of [1, 2]) encoding.write(samples, random);
      const twice = eventsOf(use, more, [...samples, ...samples], own, new RandomGenerator(0, 'in0'));
      expect(encoding.arrays['input/in0']).toEqual(batchOf(use, twice.slice(BATCH)));
      // What was drawn counts for whatever is drawn next.
      expect(random.state).toEqual(own.state);
    });

    // Places of the first spikes are drawn once, which the trainer does with another generator.
    if (use.type === 'uniform' && 'jitter' in use.parameters) return;
    it('both encode alike', () => {
      const stage = new InputStage(model, graph, SEED);
      const lists = samples.map((sample) => stage.encode(Float64Array.from(sample))!);
      const rows = lists.map(({ step, index, value }) =>
        Array.from(step, (at, k) => [at, index[k]!, value[k]!] as const),
      );
      const encoding = new BatchEncoding(model, graph, BATCH);
      encoding.write(samples, generator());
      expect(encoding.arrays['input/in0']).toEqual(batchOf(use, rows));
    });
  });

  it('inputs side by side have their own numbers of a sample', () => {
    const inputs = uses.filter((use) => !draws(use));
    const [model, graph] = netOf(inputs, more);
    const samples = samplesOf(CHANNELS * inputs.length);
    const encoding = new BatchEncoding(model, graph, BATCH);
    encoding.write(samples, new RandomGenerator(SEED, 'batch'));
    const stage = new InputStage(model, graph, SEED);
    const lists = samples.map((sample) => stage.encode(Float64Array.from(sample))!);
    let offset = 0;
    for (const [node, { name, kind, shape }] of graph.nodes.entries()) {
      if (kind.role !== 'input') continue;
      const use = inputs[Number(name.slice(2))]!;
      expect(elementCount(shape)).toBe(use.elements);
      const own = samples.map((sample) => Array.from(sample).slice(offset, offset + CHANNELS));
      const expected = eventsOf(use, more, own, new RandomGenerator(SEED, 'none'));
      expect(encoding.arrays[`input/${name}`]).toEqual(batchOf(use, expected));
      const rows = lists.map((list) =>
        Array.from(list.node.keys()).flatMap((k) =>
          list.node[k] === node ? [[list.step[k]!, list.index[k]!, list.value[k]!]] : [],
        ),
      );
      expect(rows).toEqual(expected);
      offset += CHANNELS;
    }
    expect(encoding.channels).toBe(offset);
  });
});

/** Whether it takes random numbers, of which each Input would have others. */
function draws(use: Use): boolean {
  const random = new RandomGenerator(SEED, 'draws');
  eventsOf(use, { range: [-40, 80] }, samplesOf(CHANNELS), random);
  return random.state.some((word, k) => word !== new RandomGenerator(SEED, 'draws').state[k]);
}

/** The array of a batch, [steps·batch, elements], or [batch, elements] of its first step where all are the same. */
function batchOf({ type, elements }: Use, samples: readonly (readonly Event[])[], size = BATCH): Float32Array {
  const isSteady = encoderKindOf(type, 'test').steady === true;
  const batch = new Float32Array((isSteady ? 1 : STEPS) * size * elements);
  for (const [row, events] of samples.entries()) {
    for (const [step, index, value] of events) {
      if (!isSteady || step === 0) batch[(step * size + row) * elements + index]! += value;
    }
  }
  return batch;
}

it('inputs that draw at random have different spikes, from one stream after another', () => {
  const inputs = [1, 2].map(() => uses.find(({ type }) => type === 'bernoulli')!);
  const [model, graph] = netOf(inputs, { range: [-40, 80] });
  const samples = [Float64Array.from({ length: 2 * CHANNELS }, () => 20)];
  const encoding = new BatchEncoding(model, graph, 1);
  const [random, own] = [new RandomGenerator(SEED, 'batch'), new RandomGenerator(SEED, 'batch')];
  encoding.write(samples, random);
  const expected = graph.nodes.flatMap(({ name, kind }) => {
    if (kind.role !== 'input') return [];
    const part = samples.map((sample) => sample.slice(0, CHANNELS));
    return [[name, eventsOf(inputs[0]!, { range: [-40, 80] }, part, own)] as const];
  });
  for (const [name, events] of expected)
    expect(encoding.arrays[`input/${name}`]).toEqual(batchOf(inputs[0]!, events, 1));
  expect(encoding.arrays['input/in0']).not.toEqual(encoding.arrays['input/in1']);
  expect(random.state).toEqual(own.state);
});
