import {
  type Model,
  type NeuronKind,
  parseModel,
  prepareFiring,
  resolveGraph,
  SpikewireError,
} from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { learnedConnections } from './learned-connections.ts';
import { Learner } from './learner.ts';
import { FloatWeights } from './weights/float-weights.ts';

type Behind = 'spikes' | 'state' | 'two' | 'output' | 'potential' | 'adaptive' | 'exponential' | 'conductance';

const behindNodes: Record<Behind, Record<string, unknown>> = {
  spikes: { post: { type: 'LIF', tau: 0.02, r: 1, v_threshold: 1 } },
  state: { post: { type: 'LI', tau: 0.02, r: 1, v_leak: 0 } },
  two: {
    post: { type: 'LIF', tau: 0.02, r: 1, v_threshold: 1 },
    other: { type: 'LIF', tau: 0.02, r: 1, v_threshold: 1 },
  },
  output: {},
  potential: { post: { type: 'HodgkinHuxley' } },
  adaptive: { post: { type: 'ALIF', tau: 0.02, v_threshold: 1, theta_plus: 0.1, tau_theta: 0.1 } },
  exponential: { post: { type: 'AdEx', tau: 0.02, tau_w: 0.1, delta_t: 0.1, v_threshold: 1, v_peak: 2 } },
  conductance: {
    post: { type: 'ConductanceLIF', tau: 0.02, tau_e: 0.01, tau_i: 0.01, e_e: 2, e_i: -1, v_threshold: 1 },
  },
};

function modelWith(behind: Behind, learning: unknown): Model {
  const targets = Object.keys(behindNodes[behind]);
  return parseModel({
    nodes: {
      in: { type: 'Input', shape: [2] },
      fc: {
        type: 'Linear',
        weight: [
          [0.1, 0.2],
          [0.3, 0.4],
        ],
      },
      ...behindNodes[behind],
      decode: { type: 'Linear', weight: [[1, 2]] },
      filter: { type: 'Lowpass', tau: 0.02 },
      out: { type: 'Output', shape: [1] },
      direct: { type: 'Output', shape: [2] },
    },
    edges: [
      ['in', 'fc'],
      ...(targets.length === 0
        ? [['fc', 'direct']]
        : targets.map((target) => ['fc', target, behind === 'conductance' ? { port: 'excitatory' } : {}])),
      [targets[0] ?? 'in', 'decode'],
      ['decode', 'filter'],
      ['filter', 'out'],
    ],
    learning: { fc: learning },
  });
}

function load(behind: Behind, learning: unknown): Learner {
  const model = modelWith(behind, learning);
  const [connection] = learnedConnections(model, resolveGraph(model.graph, model.semantics));
  const { weights } = connection!.connectivity;
  const kept = new FloatWeights(new Float64Array(weights!.length), weights!);
  return new Learner({ connection: connection!, weights: kept, dt: 0.001, history: 2 });
}

const stdp = { rule: 'stdp', aPlus: 1, aMinus: 1 };
const onPostSpikes = [
  stdp,
  { rule: 'power-law', eta: 1 },
  { rule: 'exponential', etaPost: 1 },
  { rule: 'pre-depression', etaPre: 1 },
  { rule: 'triplet' },
  { rule: 'rstdp', aPlus: 1, aMinus: 1 },
  { rule: 'bcm' },
  { rule: 'resume' },
  { rule: 'spike-order' },
  { rule: 'pes', homeostasis: { rate: 1, tau: 1, strength: 1 } },
];

describe('a learned connection', () => {
  it('knows how its target spikes from the kind alone, whatever its parameters are called', () => {
    const model = modelWith('spikes', { rule: 'pes' });
    const graph = resolveGraph(model.graph, model.semantics);
    const post = graph.nodes.find(({ name }) => name === 'post')!;
    const firingBehind = (kind: NeuronKind) => {
      const nodes = graph.nodes.map((node) => (node === post ? { ...node, kind } : node));
      return learnedConnections(model, { ...graph, nodes })[0]!.target!.firing;
    };
    const { crossing, ...mute } = post.kind as NeuronKind;
    const firing = prepareFiring(post.node, 2, model.semantics);
    expect(firingBehind({ ...mute, crossing: crossing! })).toEqual(firing);
    expect(firingBehind(mute)).toBeUndefined();
    const parameters = { theta: { doc: 'threshold', form: 'elements' } } as const;
    expect(firingBehind({ ...mute, parameters, crossing: () => ({ firing }) })).toBe(firing);
  });
});

describe('a rule on a connection that has not what it needs', () => {
  it.each(onPostSpikes)('$rule needs a single target that spikes', (learning) => {
    const expected = 'expected a single target, a neuron that spikes';
    const start = `learning of "fc": uses post spikes (${learning.rule}), and the connection`;
    expect(() => load('two', learning)).toThrow(`${start} has 2 targets; ${expected}`);
    expect(() => load('state', learning)).toThrow(`${start} leads to the LI "post"; ${expected}`);
    expect(() => load('output', learning)).toThrow(`${start} leads to the Output "direct"; ${expected}`);
    expect(load('spikes', learning).needsPost).toBe(true);
  });

  it.each(['ottt', 'eprop'])('%s needs a single neuron node, with a threshold where it spikes', (rule) => {
    expect(() => load('two', { rule })).toThrow(
      'needs the slope of its target; expected a single target, a neuron node',
    );
    expect(() => load('output', { rule })).toThrow('needs the slope of its target');
    for (const behind of ['potential', 'exponential', 'conductance'] as const) {
      expect(() => load(behind, { rule })).toThrow(
        'needs the threshold of its target; expected IF, LIF, CubaLIF, SRM0 or ALIF',
      );
    }
    expect(load('spikes', { rule }).needsMembrane).toBe(true);
    expect(load('adaptive', { rule }).needsMembrane).toBe(true);
    expect(load('state', { rule }).needsMembrane).toBe(false);
  });

  it('pes works wherever its outputs lead', () => {
    for (const behind of ['spikes', 'state', 'two', 'output'] as const) {
      expect(load(behind, { rule: 'pes' }).signalLength).toBe(2);
    }
  });

  it.each([
    [
      [{ rule: 'pes' }, { ...stdp, rule: 'rstdp' }],
      'takes signals of different kinds: error, reward; expected one kind',
    ],
    [[stdp, { rule: 'resume' }, { rule: 'pes' }], 'takes signals of different kinds: target, error'],
    [{ ...stdp, softness: 1 }, 'softness: has no range to be soft in; expected bounds of finite numbers'],
    [{ ...stdp, softness: 0, bounds: [0, 1] }, 'softness: is 0; expected a number above 0'],
    [{ ...stdp, normalize: { sum: 0 } }, 'normalize.sum: is 0; expected a number above 0'],
    [{ ...stdp, homeostasis: { rate: 1, tau: 0, strength: 1 } }, 'homeostasis.tau: is 0; expected a number above 0'],
    [
      { rule: 'pes', winners: { most: 1 } },
      'learning of "fc".winners: chooses among post spikes, which pes does not use; expected a rule that does',
    ],
    [
      { ...stdp, winners: { most: 1, apart: 2 } },
      'winners.apart: is on a connection of structure dense, whose outputs have no places; expected a convolution',
    ],
    [
      { rule: 'spike-order', aMinus: 0.6, wMax: 2 },
      'learning of "fc".aMinus: is 0.6; expected 0.5 at most, with which weights stay within 0 … 2',
    ],
    [{ ...stdp, feedback: { random: 2 } }, 'feedback: finds no rule that takes errors; expected pes, ottt or eprop'],
    [
      { rule: 'pes', feedback: { through: 'post', direction: 'forward' } },
      'feedback: names "post"; expected a connection',
    ],
    [
      { rule: 'pes', feedback: { through: 'decode', direction: 'forward' } },
      'feedback: goes forward through "decode" to 1 neurons; expected 2, those behind the connection',
    ],
    [[stdp, { ...stdp, normalize: { sum: -1, every: 3 } }], 'normalize.sum: is -1; expected a number above 0'],
  ])('says what is wrong in %j', (learning, message) => {
    let problem: unknown;
    try {
      load('spikes', learning);
    } catch (caught) {
      problem = caught;
    }
    expect(problem).toBeInstanceOf(SpikewireError);
    expect((problem as SpikewireError).message).toContain(message);
    expect((problem as SpikewireError).message).not.toContain('\n');
  });
});

describe('feedback', () => {
  it('takes the errors of the answer backward through a read-out', () => {
    const learner = load('spikes', { rule: 'ottt', feedback: { through: 'decode', direction: 'backward' } });
    expect(learner.signalLength).toBe(1);
  });

  it('takes as many errors as it has random weights for, the same for the same seed', () => {
    const learned = [7, 7, 8].map((seed) => {
      const learner = load('state', { rule: 'ottt', learningRate: 1, feedback: { random: 3, seed } });
      expect(learner.signalLength).toBe(3);
      const [pre, none] = [
        new Float64Array([1, 0]),
        { length: 0, index: new Int32Array(2), value: new Float64Array(2) },
      ];
      learner.step(0, { length: 1, index: Int32Array.of(0), value: pre }, none, true);
      learner.teach([0.5, -1, 2], 0);
      return [0, 2].map((k) => learner.weights.read(k));
    });
    expect(learned[0]).toEqual(learned[1]);
    expect(learned[0]).not.toEqual(learned[2]);
  });

  it('full-weight PES: Δω = −κ/n·a·α_j(e_j·E) with the encoders of the post ensemble', () => {
    const model = parseModel({
      nodes: {
        in: { type: 'Input', shape: [2] },
        full: {
          type: 'Linear',
          weight: [
            [0, 0],
            [0, 0],
            [0, 0],
          ],
        },
        value: { type: 'Input', shape: [2] },
        encode: {
          type: 'Affine',
          weight: [
            [1, 2],
            [-3, 0.5],
            [0, 4],
          ],
          bias: [0, 0, 0],
        },
        post: { type: 'LIF', tau: 0.02, r: 1, v_threshold: 1 },
        out: { type: 'Output', shape: [3] },
      },
      edges: [
        ['in', 'full'],
        ['value', 'encode'],
        ['full', 'post'],
        ['encode', 'post'],
        ['post', 'out'],
      ],
      learning: {
        full: { rule: 'pes', learningRate: 0.1, tauPre: 0, feedback: { through: 'encode', direction: 'forward' } },
      },
    });
    const [connection] = learnedConnections(model, resolveGraph(model.graph, model.semantics));
    const base = connection!.connectivity.weights!;
    const learner = new Learner({
      connection: connection!,
      weights: new FloatWeights(new Float64Array(6), base),
      dt: 0.001,
      history: 1,
    });
    const none = { length: 0, index: new Int32Array(3), value: new Float64Array(3) };
    learner.step(0, { length: 1, index: Int32Array.of(1), value: Float64Array.of(1) }, none, true);
    learner.teach([0.5, -1], 0);
    const expected = [1 * 0.5 - 2, -3 * 0.5 - 0.5, -4].map((projected) => (-0.1 / 2) * 1000 * projected);
    expect([1, 3, 5].map((k) => learner.weights.read(k))).toEqual(expected.map((w) => expect.closeTo(w, 10)));
    expect([0, 2, 4].map((k) => learner.weights.read(k) + 0)).toEqual([0, 0, 0]);
  });
});
