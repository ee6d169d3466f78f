import { type Model, parseModel, RandomGenerator } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import type { RunningNetwork } from '../../engine.ts';
import { EventBuffer } from '../../event-buffer.ts';
import { referenceEngine } from '../../reference/reference.ts';
import { clockedEngine } from '../engine/clocked.ts';

const SIZE = 37;
const INPUTS = 8;

const conductances = {
  ...{ type: 'ConductanceLIF', tau: 0.02, v_leak: -65, v_threshold: -72, v_reset: -66, tau_ref: 0.003 },
  ...{ tau_e: 0.002, tau_i: 0.004, e_e: 0, e_i: -100, theta_initial: 15, theta_plus: 2, tau_theta: 0.5 },
};
const current = {
  ...{ type: 'ALIF', tau: 0.02, r: 10, v_leak: 0.1, v_threshold: 1, v_reset: -0.1, tau_ref: 0.002 },
  ...{ theta_plus: 0.2, beta: 0.3, tau_theta: 0.1 },
};

/** Neurons that inputs drive at once and one step late, and that inhibit each other. */
function drivenNet(neuron: Record<string, unknown>, semantics: Record<string, unknown> = {}): Model {
  const random = new RandomGenerator(3, 'weights');
  const isCurrent = neuron.type === 'ALIF';
  const weights = () =>
    Array.from({ length: SIZE }, () =>
      Array.from({ length: INPUTS }, () => (isCurrent ? 0.4 : 0.2) * (0.5 + random.nextUniform())),
    );
  const port = (name: string) => (isCurrent ? [] : [{ port: name }]);
  return parseModel({
    nodes: {
      in: { type: 'Input', shape: [INPUTS] },
      now: { type: 'Linear', weight: weights() },
      late: { type: 'Linear', weight: weights() },
      cells: neuron,
      others: { type: 'AllButOne', weight: new Array(SIZE).fill(isCurrent ? -0.05 : 0.1) },
      out: { type: 'Output' },
    },
    edges: [
      ['in', 'now'],
      ['in', 'late'],
      ['now', 'cells', ...port('excitatory')],
      ['late', 'cells', { delay: 1, ...(isCurrent ? {} : { port: 'excitatory' }) }],
      ['cells', 'others', { delay: 1 }],
      ['others', 'cells', ...port('inhibitory')],
      ['cells', 'out'],
    ],
    semantics: { dt: 0.0005, integrate: 'euler', ...semantics },
  });
}

/** Spikes for a while, then silence, again and again. */
function stimulus(steps: number): EventBuffer {
  const random = new RandomGenerator(8, 'stimulus');
  const index = clockedEngine.load(drivenNet(current)).graph.nodes.findIndex(({ name }) => name === 'in');
  const input = new EventBuffer(steps * INPUTS);
  for (let step = 0; step < steps; step++) {
    if (step % 1000 >= 500) continue;
    for (let i = 0; i < INPUTS; i++) if (random.nextUniform() < 0.05) input.push(step, index, i, 1);
  }
  return input;
}

const cases: [string, Record<string, unknown>, Record<string, unknown>][] = [
  ['two conductances', conductances, {}],
  ['a current', current, {}],
  ['a current, exactly', current, { integrate: 'exact' }],
  ['a current and a floor', { ...current, v_min: 0 }, {}],
  ['spikes at the threshold', conductances, { threshold: 'ge' }],
  ['what is above the threshold stays', { ...current, tau_ref: 0 }, { reset: 'subtract' }],
  ['thresholds that fall within steps', { ...conductances, tau_theta: 0.001 }, {}],
  ['a threshold that stays', { ...current, theta_plus: 0, beta: 0 }, {}],
];

/** In both forms of the kernels, and in the reference. */
function netsOf(model: Model): readonly RunningNetwork[] {
  return [clockedEngine.load(model), clockedEngine.load(model, { kernels: 'typescript' }), referenceEngine.load(model)];
}

function expectSameSpikes(nets: readonly RunningNetwork[], steps: number, input: EventBuffer): void {
  const [wasm, typescript, truth] = nets.map((net) => {
    const output = new EventBuffer(100_000);
    net.run(steps, input, output);
    return output.toList();
  });
  expect(truth!.step.length).toBeGreaterThan(100);
  for (const { step, index } of [wasm!, typescript!]) expect([step, index]).toEqual([truth!.step, truth!.index]);
}

describe('neurons under an adaptive threshold', () => {
  it.each(cases)('spike and move as their equations say: %s', (_name, neuron, semantics) => {
    const model = drivenNet(neuron, semantics);
    const nets = netsOf(model);
    expectSameSpikes(nets, 3000, stimulus(3000));
    for (const k of [0, 1]) {
      for (const variable of neuron.type === 'ALIF' ? ['v', 'theta', 'refractory'] : ['v', 'g_e', 'g_i', 'theta']) {
        const truth = nets[2]!.readState('cells', variable);
        nets[k]!.readState('cells', variable).forEach((value, i) => {
          expect(Math.abs(value - truth[i]!), `${variable}[${i}]`).toBeLessThan(1e-3);
        });
      }
    }
    expect(nets[0]!.counters).toEqual(nets[2]!.counters);
    expect(nets[0]!.save()).toEqual(nets[1]!.save());
  });

  it('are stepped by their kernel, whose state a file holds to the bit', () => {
    const model = drivenNet(conductances);
    const [whole, first, second] = [0, 1, 2].map(() => clockedEngine.load(model));
    const input = stimulus(1000).toList();
    const part = (from: number, to: number) => {
      const events = new EventBuffer(input.step.length);
      input.step.forEach((step, k) => {
        if (step >= from && step < to) events.push(step - from, input.node[k]!, input.index[k]!, input.value[k]!);
      });
      return events;
    };
    whole!.run(1000, EventBuffer.of(input), new EventBuffer(100_000));
    first!.run(333, part(0, 333), new EventBuffer(100_000));
    expect(new TextDecoder('latin1').decode(first!.save())).toContain('.asleep');
    second!.restore(first!.save());
    second!.run(667, part(333, 1000), new EventBuffer(100_000));
    expect(second!.save()).toEqual(whole!.save());
    whole!.resetActivity();
    const fresh = clockedEngine.load(model);
    for (const net of [whole!, fresh]) net.run(500, stimulus(500), new EventBuffer(100_000));
    for (const variable of ['v', 'g_e', 'g_i', 'theta']) {
      expect(whole!.readState('cells', variable)).toEqual(fresh.readState('cells', variable));
    }
  });

  it.each(['value', 'subtract'])('spike behind a convolution where they exist, and nowhere else: reset %s', (reset) => {
    const random = new RandomGenerator(4, 'taps');
    const taps = (rows: number) => Array.from({ length: rows }, () => [0, 1, 2].map(() => random.nextNormal()));
    const model = parseModel({
      nodes: {
        in: { type: 'Input', shape: [1, 5, 6] },
        conv: { type: 'Conv2d', weight: [[taps(2)], [taps(2)], [taps(2)]], bias: [0.1, 0, 0.2] },
        // At rest above the threshold.
        cells: { ...current, v_leak: 1.5, r: 2 },
        out: { type: 'Output' },
      },
      edges: [
        ['in', 'conv'],
        ['conv', 'cells'],
        ['cells', 'out'],
      ],
      semantics: { dt: 0.0005, integrate: 'euler', reset },
    });
    const nets = netsOf(model);
    const index = nets[0]!.graph.nodes.findIndex(({ name }) => name === 'in');
    const input = new EventBuffer(30_000);
    for (let step = 0; step < 1000; step++) {
      for (let i = 0; i < 30; i++) if (random.nextUniform() < 0.1) input.push(step, index, i, 1);
    }
    expectSameSpikes(nets, 1000, input);
    expect(nets[0]!.save()).toEqual(nets[1]!.save());
  });

  it('have thresholds that fall back by their time constant, however long that is', () => {
    const model = drivenNet({ ...conductances, theta_initial: 33, tau_theta: 1e4 });
    const net = clockedEngine.load(model);
    const steps = 200_000;
    net.run(steps, new EventBuffer(1), new EventBuffer(1));
    const expected = 33 * Math.exp((-steps * 0.0005) / 1e4);
    for (const theta of net.readState('cells', 'theta')) expect(Math.abs(theta - expected)).toBeLessThan(1e-5);
  });
});
