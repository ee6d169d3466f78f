import { type Model, parseModel, RandomGenerator } from '@spikewire/models';
import fc from 'fast-check';
import type { Stimulus } from './play.ts';

/** A random net and what it is given. */
export interface RandomNet {
  readonly model: Model;
  readonly steps: number;
  readonly stimulus: Stimulus;
  /** Teaching signals for the connection "decode", by step; empty where it does not learn. */
  readonly teach: ReadonlyMap<number, readonly number[]>;
}

type NeuronType = 'LIF' | 'IF' | 'CubaLIF' | 'ALIF';

const layerOf = (types: readonly NeuronType[]) =>
  fc.record({
    type: fc.constantFrom(...types),
    size: fc.integer({ min: 1, max: 12 }),
    affine: fc.boolean(),
    delay: fc.integer({ min: 0, max: 2 }),
    /** Delay of a connection back to itself; 0 is none. */
    recurrent: fc.constantFrom(0, 0, 1, 3),
    /** What that connection is. */
    lateral: fc.constantFrom('Linear', 'Linear', 'Sparse', 'Sparse of equal rows', 'AllButOne'),
    /** Whether its neurons are alike, and whether exponential synapses stand before them. */
    alike: fc.boolean(),
    synapses: fc.constantFrom(false, false, true),
    rest: fc.constantFrom(0, 0, 2),
    floor: fc.boolean(),
    integrate: fc.constantFrom('euler', 'exact'),
    threshold: fc.constantFrom('gt', 'ge'),
    reset: fc.constantFrom('value', 'subtract', 'many'),
  });

const planOf = (types: readonly NeuronType[]) =>
  fc.record({
    seed: fc.nat(),
    /** [channels, height, width] with a convolution in front, or a vector. */
    image: fc.boolean(),
    inputs: fc.integer({ min: 1, max: 10 }),
    layers: fc.array(layerOf(types), { minLength: 1, maxLength: 3 }),
    /** An edge from the first layer past the others. */
    skip: fc.boolean(),
    learns: fc.boolean(),
    density: fc.constantFrom(0.05, 0.3, 0.8),
    steps: fc.integer({ min: 1, max: 40 }),
  });

type Plan = ReturnType<typeof planOf> extends fc.Arbitrary<infer Value> ? Value : never;
type Layer = Plan['layers'][number];

/**
 * Random layered and recurrent nets with delays, mixed semantics and a read-out, some with a convolution in front and
 * some that learn (PES). Weights and stimulus come from the seed; fast-check shrinks the structure.
 */
export const arbitraryNet: fc.Arbitrary<RandomNet> = planOf(['LIF', 'IF', 'CubaLIF']).map(build);

/** The same with thresholds that adapt in some of the layers. */
export const arbitraryAdaptiveNet: fc.Arbitrary<RandomNet> = planOf(['ALIF', 'ALIF', 'LIF']).map(build);

function build({ seed, image, inputs, layers, skip, learns, density, steps }: Plan): RandomNet {
  const random = new RandomGenerator(seed, 'random net');
  const nodes: Record<string, unknown> = {};
  const edges: unknown[] = [];
  const shape = image ? [2, 5, 4] : [inputs];
  nodes.in = { type: 'Input', shape };
  let [last, size] = image ? addImageFront(nodes, edges, random) : ['in', inputs];
  layers.forEach((each, index) => {
    addLayer(nodes, edges, random, `layer${index}`, each, last, size);
    [last, size] = [`layer${index}`, each.size];
  });
  if (skip && layers.length > 1) {
    nodes.skip = { type: 'Linear', weight: weights(random, size, layers[0]!.size) };
    edges.push(['layer0', 'skip', { delay: 1 }], ['skip', last]);
  }
  nodes.decode = { type: 'Linear', weight: weights(random, 2, size) };
  nodes.filter = { type: 'Lowpass', tau: 0.01 };
  nodes.out = { type: 'Output', shape: [2] };
  nodes.spikes = { type: 'Output', shape: [size] };
  edges.push([last, 'decode'], ['decode', 'filter'], ['filter', 'out'], [last, 'spikes']);
  const learning = learns ? { decode: { rule: 'pes', learningRate: 1e-3, tauPre: 0.005, bounds: [-2, 2] } } : {};
  const count = shape.reduce((product, length) => product * length, 1);
  return {
    model: parseModel({ nodes, edges, learning, semantics: { dt: 0.001 } }),
    steps,
    stimulus: { in: randomSpikes(random, steps, count, density) },
    teach: new Map(learns ? randomSignals(random, steps) : []),
  };
}

function addImageFront(nodes: Record<string, unknown>, edges: unknown[], random: RandomGenerator): [string, number] {
  const weight = Array.from({ length: 3 }, () => Array.from({ length: 2 }, () => weights(random, 3, 2, 0.5)));
  nodes.convolve = { type: 'Conv2d', weight, padding: [1, 0], stride: [1, 2] };
  nodes.features = { type: 'LIF', tau: 0.01, r: 4, v_threshold: 0.7 };
  nodes.pool = { type: 'SumPool2d', kernel_size: [2, 1], stride: [2, 1] };
  nodes.flatten = { type: 'Flatten' };
  edges.push(['in', 'convolve'], ['convolve', 'features'], ['features', 'pool'], ['pool', 'flatten']);
  return ['flatten', 3 * 2 * 2];
}

function addLayer(
  nodes: Record<string, unknown>,
  edges: unknown[],
  random: RandomGenerator,
  name: string,
  layer: Layer,
  source: string,
  inputs: number,
): void {
  const { type, size, affine, delay, recurrent, lateral, alike, synapses, rest, floor, integrate, threshold, reset } =
    layer;
  const between = (low: number, high: number) => low + (high - low) * random.nextUniform();
  const each = (low: number, high: number) =>
    alike ? new Array<number>(size).fill(between(low, high)) : Array.from({ length: size }, () => between(low, high));
  /** An edge to the neurons, through a synapse of its own where there are any. */
  const connect = (from: string) => {
    if (!synapses) {
      edges.push([from, name]);
      return;
    }
    nodes[`${from}-synapse`] = { type: 'Lowpass', tau: between(0.003, 0.008), semantics: { integrate } };
    edges.push([from, `${from}-synapse`], [`${from}-synapse`, name]);
  };
  const weight = weights(random, size, inputs);
  nodes[`${name}-in`] = affine ? { type: 'Affine', weight, bias: each(-0.05, 0.2) } : { type: 'Linear', weight };
  nodes[name] = {
    type,
    ...membrane(type, each),
    v_threshold: each(0.6, 1.4),
    v_reset: each(0, 0.2),
    tau_ref: rest * 0.001,
    ...(floor ? { v_min: -0.5 } : {}),
    semantics: {
      integrate,
      threshold,
      reset: reset === 'value' ? 'value' : 'subtract',
      ...(type === 'ALIF' ? {} : { spikesPerStep: reset === 'many' ? 'many' : 'one' }),
    },
  };
  edges.push([source, `${name}-in`, { delay }]);
  connect(`${name}-in`);
  if (recurrent > 0) {
    nodes[`${name}-back`] = lateralConnection(random, lateral, size);
    edges.push([name, `${name}-back`, { delay: recurrent }]);
    connect(`${name}-back`);
  }
}

/** More inhibition than excitation, so that populations with many spikes per step do not run away. */
function lateralConnection(random: RandomGenerator, kind: Layer['lateral'], size: number): Record<string, unknown> {
  if (kind === 'AllButOne') return { type: kind, weight: weights(random, 1, size, 0.4, -0.7)[0] };
  const weight = weights(random, size, size, 0.4, -0.7);
  if (kind === 'Linear') return { type: kind, weight };
  if (kind === 'Sparse of equal rows') for (const row of weight) row.splice(0, size, ...weight[0]!);
  return listed(weight, () => random.nextUniform() < 0.4);
}

/** A matrix [outputs][inputs] as a Sparse node of the synapses that are kept, and at least of the first. */
export function listed(matrix: readonly (readonly number[])[], keeps: (output: number, input: number) => boolean) {
  const [target, weight, offset]: [number[], number[], number[]] = [[], [], [0]];
  for (let input = 0; input < matrix[0]!.length; input++) {
    matrix.forEach((row, output) => {
      if (!keeps(output, input) && (input > 0 || output > 0)) return;
      target.push(output);
      weight.push(row[input]!);
    });
    offset.push(target.length);
  }
  return { type: 'Sparse', weight, target, offset, outputs: matrix.length };
}

function membrane(type: Layer['type'], each: (low: number, high: number) => number[]) {
  if (type === 'IF') return { r: 800 };
  if (type === 'LIF') return { tau: each(0.004, 0.02), r: 6, v_leak: 0.1 };
  if (type === 'ALIF')
    return { tau: each(0.004, 0.02), r: 8, v_leak: 0.1, beta: each(0, 2), tau_theta: each(0.01, 0.1) };
  return { tau_syn: each(0.002, 0.01), tau_mem: each(0.004, 0.02), r: 6, w_in: 2, v_leak: 0.1 };
}

/** Normal weights whose row sums have about the deviation `spread`; `mean` in units of a weight's deviation. */
function weights(random: RandomGenerator, rows: number, columns: number, spread = 1.5, mean = 0.3): number[][] {
  const deviation = spread / Math.sqrt(columns);
  return Array.from({ length: rows }, () =>
    Array.from({ length: columns }, () => deviation * (random.nextNormal() + mean)),
  );
}

function randomSpikes(random: RandomGenerator, steps: number, size: number, density: number): number[][] {
  const events: number[][] = [];
  for (let step = 0; step < steps; step++) {
    for (let index = 0; index < size; index++) if (random.nextUniform() < density) events.push([step, index]);
  }
  return events;
}

function randomSignals(random: RandomGenerator, steps: number): [number, number[]][] {
  return Array.from({ length: Math.ceil(steps / 4) }, () => [
    random.nextInteger(steps),
    [random.nextNormal(), random.nextNormal()],
  ]);
}
