import { type Model, parseModel, quantize, RandomGenerator, readLearned, SpikewireError } from '@spikewire/models';
import fc from 'fast-check';
import { type Engine, engineNamed, type RunningNetwork } from 'spikewire';
import { describe, expect, it } from 'vitest';
import { arbitraryGraph } from './arbitrary-graph.ts';
import type { RandomNet } from './arbitrary-model.ts';
import { cells } from './cells.ts';
import { play } from './play.ts';

/*
 * What was learned belongs to the model: whoever learned it, every engine and every number form goes on with it. The
 * truth is what `readWeights` says of the net that learned, in the graph's order and units.
 */

const [reference, clocked, event, integer] = ['reference', 'clocked', 'event', 'integer'].map(engineNamed) as [
  Engine,
  Engine,
  Engine,
  Engine,
];

const RULES = {
  stdp: { aPlus: 0.1, aMinus: 0.08 },
  rstdp: { aPlus: 0.1, aMinus: 0.08, learningRate: 0.5 },
  pes: { learningRate: 0.01 },
} as const;

type Rule = keyof typeof RULES;

interface LearningNet extends RandomNet {
  /** Connections that learn. */
  readonly learned: readonly string[];
}

/** A random graph in which every connection learns that leads to one population of neurons. */
function learning({ model, ...net }: RandomNet, rule: Rule, storage?: 'int8'): LearningNet | undefined {
  const weighted = [...model.graph.nodes].filter(([name, { type }]) => {
    const targets = model.graph.edges.filter(({ source }) => source === name).map(({ target }) => target);
    const isMatrix = ['Linear', 'Affine', 'Sparse', 'Conv1d', 'Conv2d'].includes(type);
    return isMatrix && targets.length === 1 && targets[0]!.startsWith('cell');
  });
  const learned = weighted.map(([name]) => name);
  if (learned.length === 0) return undefined;
  const declaration = { rule, parameters: RULES[rule], ...(storage && { storage }) };
  return { ...net, model: { ...model, learning: new Map(learned.map((name) => [name, [declaration]])) }, learned };
}

/** Lets a net learn from a stimulus and from lessons. */
function teach(network: RunningNetwork, { model, steps, stimulus, learned }: LearningNet, seed: number): void {
  const random = new RandomGenerator(seed, 'lessons');
  play(network, steps, stimulus);
  for (const name of learned) {
    const { rule } = model.learning.get(name)![0]!;
    const index = network.graph.nodes.findIndex((node) => node.name === name);
    const outputs = network.graph.nodes[index]!.shape.reduce((product, size) => product * size, 1);
    if (rule === 'stdp') continue;
    network.teach(
      name,
      Array.from({ length: rule === 'rstdp' ? 1 : outputs }, () => random.nextNormal()),
    );
  }
}

const weightsOf = (network: RunningNetwork, names: readonly string[]) => names.map((name) => network.readWeights(name));

const population = [cells.IF!, cells.LIF!, cells.CubaLIF!];

const nets = (storage?: 'int8') =>
  fc
    .tuple(arbitraryGraph(population), fc.constantFrom<Rule>('stdp', 'rstdp', 'pes'), fc.nat())
    .map(([net, rule, seed]) => ({ net: learning(net, rule, storage), seed }))
    .filter((each): each is { net: LearningNet; seed: number } => each.net !== undefined);

describe('what was learned', () => {
  it.each([
    { from: clocked, to: reference },
    { from: clocked, to: event },
    { from: event, to: reference },
    { from: reference, to: event },
  ])('on $from.name goes on on $to.name with the same weights to the bit, and the same answers', ({ from, to }) => {
    fc.assert(
      fc.property(nets(), ({ net, seed }) => {
        const origin = from.load(net.model);
        teach(origin, net, seed);
        const target = to.load(net.model);
        const reports = target.restoreLearned(readLearned(origin.save()));
        expect(weightsOf(target, net.learned)).toEqual(weightsOf(origin, net.learned));
        expect(reports.map(({ connection }) => connection).sort()).toEqual([...net.learned].sort());
        expect(reports.every(({ rounded, clipped }) => rounded + clipped === 0)).toBe(true);
        // The same as if the model had had these weights from the start.
        const born = to.load(withWeights(net.model, origin, net.learned));
        for (const each of [target, born]) each.learning = false;
        expect(play(target, net.steps, net.stimulus)).toEqual(play(born, net.steps, net.stimulus));
      }),
      { numRuns: 40 },
    );
  });

  it('on a float64 engine goes on in float32, rounded to nearest, which the report counts', () => {
    fc.assert(
      fc.property(nets(), ({ net, seed }) => {
        const [origin, target] = [reference.load(net.model), clocked.load(net.model)];
        teach(origin, net, seed);
        const reports = target.restoreLearned(origin.saveLearned());
        for (const name of net.learned) {
          const before = origin.readWeights(name);
          expect(target.readWeights(name)).toEqual(before.map(Math.fround));
          const errors = before.map((weight) => Math.abs(weight - Math.fround(weight)));
          const rounded = errors.filter((error) => error > 0).length;
          expect(reports.find(({ connection }) => connection === name)).toEqual({
            connection: name,
            weights: before.length,
            rounded,
            clipped: 0,
            largestError: Math.max(...errors),
          });
        }
      }),
      { numRuns: 40 },
    );
  });

  it.each([
    ['int16', undefined, 2 ** 15 - 1, -(2 ** 15)],
    ['int8', 'int8', 127, -127],
  ] as const)(
    'in float goes on in %s with at most half a step of error, and no clipping that is not reported',
    (_, storage, highest, lowest) => {
      fc.assert(
        fc.property(nets(storage), ({ net, seed }) => {
          const origin = clocked.load(net.model);
          teach(origin, net, seed);
          const whole = integerForm(net.model);
          const target = integer.load(whole);
          const reports = target.restoreLearned(origin.saveLearned());
          for (const name of net.learned) {
            const { stepsPerUnit } = target.saveLearned().get(name)!;
            const [wanted, taken] = [origin.readWeights(name), target.readWeights(name)];
            const rowLength = wanted.length / stepsPerUnit!.length;
            let clipped = 0;
            for (const [index, weight] of wanted.entries()) {
              const unit = 1 / stepsPerUnit![Math.floor(index / rowLength)]!;
              const whole = Math.round(weight / unit);
              if (whole > highest || whole < lowest) clipped++;
              else expect(Math.abs(taken[index]! - weight)).toBeLessThanOrEqual((unit / 2) * (1 + 1e-9));
            }
            expect(reports.find(({ connection }) => connection === name)).toMatchObject({
              connection: name,
              weights: wanted.length,
              clipped,
            });
          }
        }),
        { numRuns: 40 },
      );
    },
  );

  it('in whole numbers goes on in float with the same weights to the bit, and back', () => {
    fc.assert(
      fc.property(nets(), ({ net, seed }) => {
        const whole = integerForm(net.model);
        const origin = clocked.load(whole);
        teach(origin, { ...net, model: whole }, seed);
        const float = reference.load(net.model);
        expect(
          float.restoreLearned(origin.saveLearned()).every(({ rounded, clipped }) => rounded + clipped === 0),
        ).toBe(true);
        expect(weightsOf(float, net.learned)).toEqual(weightsOf(origin, net.learned));
        for (const engine of [integer, clocked]) {
          const back = engine.load(whole);
          back.restoreLearned(float.saveLearned());
          expect(back.saveLearned()).toEqual(origin.saveLearned());
        }
      }),
      { numRuns: 40 },
    );
  });

  it('beyond the range of a number format is cut to its end, and counted', () => {
    const net = integer.load(
      quantize(plain(['a'], 3), { bits: 8, calibration: { inputs: new Map([['in', 'spikes']]) } }),
    );
    const [report] = net.restoreLearned(new Map([['a', { weights: Float64Array.of(1e6, 0.5, -1e6) }]]));
    expect(report).toMatchObject({ connection: 'a', weights: 3, clipped: 2 });
    const [high, middle, low] = net.readWeights('a');
    expect(middle).toBeCloseTo(0.5, 2);
    expect([high!, -low!].every((weight) => weight >= 1 && weight < 10)).toBe(true);
  });

  it('of a state with a flipped bit is not read', () => {
    const state = clocked.load(plain(['a', 'b'], 2)).save();
    expect([...readLearned(state).keys()]).toEqual(['a', 'b']);
    state[state.length - 1]! ^= 1;
    expect(() => readLearned(state)).toThrow(/^state: is damaged \(digest: /);
  });

  it('of another net is refused, and nothing has changed', () => {
    const net = clocked.load(plain(['a', 'b'], 2));
    const before = net.saveLearned();
    expect(() => net.restoreLearned(clocked.load(plain(['a', 'c'], 2)).saveLearned())).toThrow(
      'what "c" has learned: belongs to no connection that learns; expected a, b',
    );
    expect(() => net.restoreLearned(clocked.load(plain(['a'], 3)).saveLearned())).toThrow(
      'what "a" has learned: is 3 weights; expected 2',
    );
    expect(net.saveLearned()).toEqual(before);
  });
});

/** Skips nets that have no integer form. */
function integerForm(model: Model): Model {
  try {
    return quantize(model, { bits: 8, calibration: { inputs: new Map([['in', 'spikes']]) } });
  } catch (problem) {
    fc.pre(!(problem instanceof SpikewireError && problem.code === 'unsupported'));
    throw problem;
  }
}

/** Connections with as many inputs onto one neuron, all learning. */
function plain(names: readonly string[], inputs: number): Model {
  const connections = names.map((name) => [
    name,
    { type: 'Linear', weight: [Array.from({ length: inputs }, () => names.length)] },
  ]);
  return parseModel({
    nodes: {
      in: { type: 'Input', shape: [inputs] },
      ...Object.fromEntries(connections),
      cell: { type: 'IF', v_threshold: 1 },
      out: { type: 'Output' },
    },
    edges: [
      ...names.flatMap((name) => [
        ['in', name],
        [name, 'cell'],
      ]),
      ['cell', 'out'],
    ],
    learning: Object.fromEntries(names.map((name) => [name, { rule: 'stdp', ...RULES.stdp }])),
  });
}

/** The model with learned weights in the place of its own. */
function withWeights(model: Model, network: RunningNetwork, names: readonly string[]): Model {
  const nodes = new Map(model.graph.nodes);
  for (const name of names) {
    const node = nodes.get(name)!;
    const { weight } = node.parameters;
    if (typeof weight !== 'object') throw new Error(`${name} has no weight`);
    nodes.set(name, {
      ...node,
      parameters: { ...node.parameters, weight: { ...weight, data: network.readWeights(name) } },
    });
  }
  return { ...model, graph: { ...model.graph, nodes } };
}
