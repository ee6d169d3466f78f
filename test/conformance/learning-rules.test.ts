import { type Model, parseModel, plasticityKinds, quantize, RandomGenerator } from '@spikewire/models';
import { engineNamed, type LoadOptions, type RunningNetwork, referenceEngine } from 'spikewire';
import { describe, expect, it } from 'vitest';
import { type Events, play, type Stimulus } from './play.ts';

const steps = 80;

const rules: readonly { readonly rule: string; readonly [key: string]: unknown }[] = plasticityKinds.flatMap(
  ({ rule, examples }) => examples.map((example) => ({ rule, ...example })),
);

interface Structure {
  readonly shape: readonly number[];
  /** Gain of the neurons: what few synapses bring must make them spike. */
  readonly r: number;
  readonly connection: (random: RandomGenerator) => Record<string, unknown>;
}

const each = (random: RandomGenerator, count: number) =>
  Array.from({ length: count }, () => 0.15 + 0.8 * random.nextUniform());

const structures: Readonly<Record<string, Structure>> = {
  dense: {
    shape: [6],
    r: 7,
    connection: (random) => ({ type: 'Linear', weight: Array.from({ length: 5 }, () => each(random, 6)) }),
  },
  convolution: {
    shape: [1, 3, 4],
    r: 14,
    connection: (random) => ({
      type: 'Conv2d',
      weight: Array.from({ length: 2 }, () => [Array.from({ length: 2 }, () => each(random, 2))]),
    }),
  },
  elementwise: { shape: [6], r: 40, connection: (random) => ({ type: 'Scale', scale: each(random, 6) }) },
  listed: {
    shape: [4],
    r: 40,
    connection: (random) => ({
      type: 'Sparse',
      weight: each(random, 8),
      target: [0, 2, 1, 2, 4, 0, 3, 4],
      offset: [0, 2, 5, 6, 8],
      outputs: 5,
    }),
  },
};

interface Case {
  readonly model: Model;
  readonly stimulus: Stimulus;
  /** Random numbers for lessons of any length, by step. */
  readonly lessons: ReadonlyMap<number, readonly number[]>;
}

function caseOf(learning: Record<string, unknown>, structure: Structure, seed: number): Case {
  const random = new RandomGenerator(seed, 'learning rules');
  const { shape } = structure;
  const size = shape.reduce((product, length) => product * length, 1);
  const model = parseModel({
    nodes: {
      in: { type: 'Input', shape },
      fc: structure.connection(random),
      cell: { type: 'LIF', tau: 0.02, r: structure.r, v_threshold: 0.9 },
      out: { type: 'Output', shape: outputShape(structure, random) },
    },
    edges: [
      ['in', 'fc', { delay: 1 }],
      ['fc', 'cell'],
      ['cell', 'out'],
    ],
    semantics: { dt: 0.001, reset: 'subtract' },
    learning: { fc: learning },
  });
  const events: number[][] = [];
  for (let step = 0; step < steps; step++) {
    for (let index = 0; index < size; index++) if (random.nextUniform() < 0.12) events.push([step, index]);
  }
  const lessons = new Map<number, number[]>();
  for (let step = 0; step < steps; step += 3)
    lessons.set(
      step,
      Array.from({ length: 12 }, () => random.nextNormal()),
    );
  return { model, stimulus: { in: events }, lessons };
}

function outputShape({ shape, connection }: Structure, random: RandomGenerator): number[] {
  const { type } = connection(random);
  if (type === 'Conv2d') return [2, 2, 3];
  return type === 'Scale' ? [...shape] : [5];
}

/** Plays a case step by step with its lessons; returns all spikes. */
function learn(net: RunningNetwork, { stimulus, lessons }: Case, signalLength: number): Events {
  const spikes: Events = [];
  for (let step = 0; step < steps; step++) {
    spikes.push(...play(net, 1, stimulus, step).cell!);
    const lesson = lessons.get(step);
    if (lesson !== undefined && signalLength > 0)
      expect(net.teach('fc', lesson.slice(0, signalLength))).toBe('applied');
  }
  return spikes;
}

function signalLengthOf({ rule, feedback }: { rule: string; feedback?: unknown }, { model }: Case): number {
  const { signal } = plasticityKinds.find((kind) => kind.rule === rule)!;
  if (signal === undefined) return 0;
  if (signal === 'reward') return 1;
  if (feedback !== undefined) return 3;
  const { shape } = model.graph.nodes.get('out')!.parameters as { shape?: { data: Float64Array } };
  return shape!.data.reduce((product, length) => product * length, 1);
}

type Load = (model: Model, options?: LoadOptions) => RunningNetwork;

const clocked = engineNamed('clocked').load;
const real: Readonly<Record<string, Load>> = {
  'clocked (WebAssembly)': (model) => clocked(model, { kernels: 'wasm' }),
  'clocked (TypeScript)': (model) => clocked(model, { kernels: 'typescript' }),
  event: engineNamed('event').load,
};
const whole: Readonly<Record<string, Load>> = {
  'clocked (WebAssembly)': (model) => clocked(model, { kernels: 'wasm', seed: 5 }),
  'clocked (TypeScript)': (model) => clocked(model, { kernels: 'typescript', seed: 5 }),
};

describe.each(Object.keys(structures))('on %s synapses, engines with equal spikes learn equal weights', (name) => {
  const structure = structures[name]!;

  const fitting = rules.filter(({ rule }) => {
    const { structures: fits } = plasticityKinds.find((kind) => kind.rule === rule)!;
    return fits === undefined || fits.includes(name === 'listed' ? 'sparse' : (name as (typeof fits)[number]));
  });

  it.each(fitting)('$rule: %j', (learning) => {
    const one = caseOf(learning, structure, 11);
    const length = signalLengthOf(learning, one);
    const reference = referenceEngine.load(one.model);
    const start = reference.readWeights('fc');
    const spikes = learn(reference, one, length);
    expect(spikes.length).toBeGreaterThan(10);
    const learned = reference.readWeights('fc');
    expect(learned).not.toEqual(start);
    for (const [engine, load] of Object.entries(real)) {
      const net = load(one.model);
      expect(learn(net, one, length), engine).toEqual(spikes);
      net.readWeights('fc').forEach((weight, k) => {
        // Of a weight that is shared by many synapses and grows far beyond 1, what float32 can hold.
        const tolerance = 1e-5 * Math.max(1, Math.abs(learned[k]!));
        expect(Math.abs(weight - learned[k]!), `${engine} ${k}`).toBeLessThan(tolerance);
      });
    }
  });

  it.each(fitting)('$rule in whole numbers, bit for bit: %j', (learning) => {
    for (const storage of ['int16', 'int8', 'float32']) {
      const one = caseOf({ ...learning, storage }, structure, 11);
      const model = quantize(one.model, { bits: 8, calibration: { inputs: new Map([['in', 'spikes']]) } });
      const length = signalLengthOf(learning, one);
      const oracle = engineNamed('integer').load(model, { seed: 5 });
      const spikes = learn(oracle, one, length);
      for (const [engine, load] of Object.entries(whole)) {
        const net = load(model);
        expect(learn(net, one, length), `${engine} ${storage}`).toEqual(spikes);
        expect(net.readWeights('fc'), `${engine} ${storage}`).toEqual(oracle.readWeights('fc'));
      }
    }
  });
});

const taught = rules.filter(({ rule }) => plasticityKinds.find((kind) => kind.rule === rule)!.signal !== undefined);

it.each(taught)('$rule is taught by numbers that its weights outlive, and by no others: %j', (learning) => {
  const one = caseOf(learning, structures.dense!, 13);
  const length = signalLengthOf(learning, one);
  for (const [engine, load] of Object.entries({ ...real, reference: (model: Model) => referenceEngine.load(model) })) {
    const net = load(one.model);
    const sign = (j: number) => (j % 2 === 0 ? 1 : -1);
    const signal = (size: number) => Array.from({ length }, (_, j) => sign(j) * size);
    for (let step = 0; step < steps; step++) {
      play(net, 1, one.stimulus, step);
      expect(net.teach('fc', signal(1e9)), engine).toBe('applied');
      const before = net.readWeights('fc');
      expect(before.every(Number.isFinite), `${engine} in step ${step}`).toBe(true);
      for (const beyond of [1.001e9, 1e39, 1e308, Number.POSITIVE_INFINITY, Number.NaN])
        expect(() => net.teach('fc', signal(beyond)), engine).toThrow(/^teaching signal for "fc"\[0\]: is /);
      expect(net.readWeights('fc')).toEqual(before);
    }
  }
});

it.each(plasticityKinds)('$rule has an example', ({ examples }) => {
  expect(examples.length).toBeGreaterThan(0);
});
