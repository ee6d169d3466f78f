import { parseModel, RandomGenerator } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { chain } from '../../../test/chain.ts';
import { engineNamed } from '../engines/engines.ts';
import { EventBuffer } from '../event-buffer.ts';
import { referenceEngine } from '../reference/reference.ts';

const [dt, STEPS, INPUTS] = [0.001, 300, 12];
const [TAU, TAU_OUT, WIDTH, DAMPENING] = [0.02, 0.03, 0.6, 0.3];

interface Cell {
  readonly reset: 'value' | 'subtract';
  readonly spikesPerStep?: 'many';
  /** Steps. */
  readonly rest?: number;
  readonly adapts?: { readonly rise: number; readonly tau: number };
}

const weights = Array.from({ length: INPUTS }, (_, i) => 0.25 + 0.05 * i);
const random = new RandomGenerator(3, 'trains');
const trains = Array.from({ length: INPUTS }, () => Array.from({ length: STEPS }, () => random.nextUniform() < 0.08));

function netOf(cell: Cell, rule: string) {
  const { reset, rest = 0, adapts, spikesPerStep = 'one' } = cell;
  const base = { tau: TAU, r: 20, v_threshold: 1, v_reset: 0.1, tau_ref: rest * dt };
  return referenceEngine.load(
    parseModel({
      nodes: {
        in: { type: 'Input', shape: [INPUTS] },
        fc: { type: 'Linear', weight: [weights] },
        cell:
          adapts === undefined
            ? { type: 'LIF', ...base }
            : { type: 'ALIF', ...base, theta_plus: adapts.rise, tau_theta: adapts.tau },
        out: { type: 'Output' },
      },
      edges: chain('in', 'fc', 'cell', 'out'),
      semantics: { dt, integrate: 'exact', reset, spikesPerStep },
      learning: {
        fc: {
          rule,
          learningRate: 1e-8,
          tau: TAU,
          width: WIDTH,
          dampening: DAMPENING,
          ...(rule === 'eprop' && { tauOut: TAU_OUT }),
        },
      },
    }),
  );
}

/**
 * The neuron written out, and how its potential, its threshold and its spikes depend on each weight: the equations
 * differentiated forward in time, ψ in place of the slope of a spike, the reset not differentiated. Gives what spikes
 * depend on in every step, and what of it through the potential alone.
 */
function sensitivities({ reset, rest = 0, adapts, spikesPerStep }: Cell) {
  const left = Math.exp(-dt / TAU);
  const fallen = adapts === undefined ? 1 : Math.exp(-dt / adapts.tau);
  const rise = adapts?.rise ?? 0;
  let [v, theta, wakes, seen] = [0, 0, 0, 0];
  const [ofV, ofTheta] = [new Float64Array(INPUTS), new Float64Array(INPUTS)];
  const ofSpikes: Float64Array[] = [];
  const throughPotential: number[][] = [];
  for (let t = 0; t < STEPS; t++) {
    theta *= fallen;
    const arriving = trains.map((train) => Number(train[t]));
    const rests = t < wakes;
    // In units of the input's gain, which belongs to the learning rate.
    if (!rests) v = left * v + (1 - left) * 20 * arriving.reduce((sum, x, i) => sum + weights[i]! * x, 0);
    const past = v - 1 - theta;
    const spikes = rests || past <= 0 ? 0 : spikesPerStep === 'many' ? Math.max(1, Math.ceil((v - 0.1) / 0.9) - 1) : 1;
    const known = spikes === 0 || reset === 'subtract' ? past : 0;
    const psi = rests ? 0 : DAMPENING * Math.max(0, 1 - Math.abs(known) / WIDTH);
    const step = new Float64Array(INPUTS);
    for (let i = 0; i < INPUTS; i++) {
      ofV[i] = left * ofV[i]! + arriving[i]!;
      ofTheta[i]! *= fallen;
      step[i] = psi * (ofV[i]! - ofTheta[i]!);
      ofTheta[i]! += rise * step[i]!;
    }
    ofSpikes.push(step);
    throughPotential.push(Array.from(ofV, (each) => psi * each));
    if (spikes === 0) continue;
    seen += spikes;
    v = reset === 'value' ? 0.1 : v - spikes * (0.9 + theta);
    theta += rise;
    wakes = t + 1 + rest;
  }
  return { ofSpikes, throughPotential, seen };
}

const cells: readonly Cell[] = [
  { reset: 'value' },
  { reset: 'subtract' },
  { reset: 'subtract', spikesPerStep: 'many' },
  { reset: 'value', rest: 4 },
  { reset: 'subtract', rest: 3 },
  { reset: 'subtract', adapts: { rise: 0.3, tau: 0.2 } },
  { reset: 'value', rest: 2, adapts: { rise: 0.5, tau: 0.1 } },
];

describe.each(cells)('gradients through the spikes of $reset, rest $rest, $adapts', (cell) => {
  const { ofSpikes, throughPotential, seen } = sensitivities(cell);
  const errors = Array.from({ length: STEPS }, (_, t) => Math.cos(t / 7) + 0.3);

  function learned(rule: string): Float64Array {
    const net = netOf(cell, rule);
    const index = net.graph.nodes.findIndex(({ name }) => name === 'in');
    let spikes = 0;
    for (let t = 0; t < STEPS; t++) {
      const [input, output] = [new EventBuffer(INPUTS), new EventBuffer(1)];
      trains.forEach((train, i) => {
        if (train[t]) input.push(0, index, i, 1);
      });
      net.run(1, input, output);
      for (let k = 0; k < output.length; k++) spikes += output.value[k]!;
      net.teach('fc', [errors[t]!]);
    }
    expect(spikes).toBe(seen);
    return net.readWeights('fc').map((weight, i) => (weight - weights[i]!) / 1e-8);
  }

  function expectEqual(changes: ArrayLike<number>, expected: ArrayLike<number>): void {
    const largest = Math.max(...Array.from(expected, Math.abs));
    for (let i = 0; i < INPUTS; i++) {
      expect(Math.abs(changes[i]! - expected[i]!)).toBeLessThan(1e-3 * largest);
    }
  }

  it('eprop follows them, through the threshold too', () => {
    expect(seen).toBeGreaterThan(10);
    const [kept, reached] = [new Float64Array(INPUTS), new Float64Array(INPUTS)];
    for (let t = 0; t < STEPS; t++) {
      for (let i = 0; i < INPUTS; i++) {
        kept[i] = Math.exp(-dt / TAU_OUT) * kept[i]! + ofSpikes[t]![i]!;
        reached[i]! -= errors[t]! * kept[i]!;
      }
    }
    expectEqual(learned('eprop'), reached);
  });

  it('ottt follows them in the step of each lesson, through the potential', () => {
    const expected = weights.map((_, i) => throughPotential.reduce((sum, step, t) => sum - errors[t]! * step[i]!, 0));
    expectEqual(learned('ottt'), expected);
  });
});

// The gradient of Σ E·min(max(0, w·x), c) is Σ E·x where 0 < w·x < c.
it.each(
  ['reference', 'clocked', 'event'].flatMap(
    (engine) =>
      [
        [engine, undefined],
        [engine, 0.45],
      ] as const,
  ),
)('gradients through a rectifier are those of max(0, v), engine %s, ceiling %s', (engine, ceiling) => {
  const start = [0.5, -0.4, 0.3];
  const net = engineNamed(engine).load(
    parseModel({
      nodes: {
        in: { type: 'Input', shape: [3] },
        fc: { type: 'Linear', weight: [start] },
        cell: { type: 'ReLU', ...(ceiling !== undefined && { ceiling }) },
        out: { type: 'Output' },
      },
      edges: chain('in', 'fc', 'cell', 'out'),
      semantics: { dt },
      learning: { fc: { rule: 'ottt', learningRate: 2 ** -12, tau: 1e-5 } },
    }),
  );
  const index = net.graph.nodes.findIndex(({ name }) => name === 'in');
  const expected = [0, 0, 0];
  for (let t = 0; t < 100; t++) {
    const [input, output] = [new EventBuffer(3), new EventBuffer(1)];
    const arriving = start.map(() => Number(random.nextUniform() < 0.4));
    arriving.forEach((x, i) => {
      if (x > 0) input.push(0, index, i, x);
    });
    net.run(1, input, output);
    net.teach('fc', [Math.sin(t)]);
    const v = arriving.reduce((sum, x, i) => sum + start[i]! * x, 0);
    for (let i = 0; v > 0 && v < (ceiling ?? 1) && i < 3; i++) expected[i]! -= Math.sin(t) * arriving[i]!;
  }
  const changes = Array.from(net.readWeights('fc'), (weight, i) => (weight - start[i]!) * 2 ** 12);
  for (let i = 0; i < 3; i++) expect(changes[i]).toBeCloseTo(expected[i]!, 1);
});

describe('thresholds that fall back by Euler', () => {
  const load = (seconds: number) => {
    const cell = { type: 'ALIF', tau: 0.01, r: 10, v_threshold: 1, theta_plus: 0.1, tau_theta: seconds };
    return referenceEngine.load(
      parseModel({
        nodes: {
          in: { type: 'Input', shape: [1] },
          fc: { type: 'Linear', weight: [[1]] },
          cell,
          out: { type: 'Output' },
        },
        edges: chain('in', 'fc', 'cell', 'out'),
        semantics: { dt, integrate: 'euler' },
        learning: { fc: { rule: 'eprop', learningRate: 0.1 } },
      }),
    );
  };

  it('learn where they fall back within a step', () => {
    const net = load(dt);
    const [input, output] = [new EventBuffer(20), new EventBuffer(20)];
    for (let t = 0; t < 20; t++) input.push(t, 0, 0, 1);
    net.run(20, input, output);
    net.teach('fc', [1]);
    expect(net.readWeights('fc')[0]).toBeLessThan(1);
  });

  it('are refused where they would swing to the other side', () => {
    const refused = expect.objectContaining({ code: 'learning', expected: 'tau_theta of at least dt' });
    expect(() => load(dt / 2)).toThrow(refused);
  });
});
