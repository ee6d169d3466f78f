import { type Model, parseModel, RandomGenerator } from '@spikewire/models';
import { EventBuffer, engineNamed, type RunningNetwork, referenceEngine } from 'spikewire';
import { describe, expect, it } from 'vitest';
import { describeEngine } from './suite.ts';

const tables = engineNamed('event-tables');
const float64 = { membrane: 1e-11, readOut: 1e-11 };

// What has a closed form needs no table: the whole suite holds.
describeEngine('event-tables', tables.load, float64, { load: referenceEngine.load, bitExact: false });

const dt = 1e-4;

function neuron(cell: object, current: number, weight = 0): Model {
  return parseModel({
    nodes: {
      in: { type: 'Input', shape: [1] },
      drive: { type: 'Affine', weight: [[weight]], bias: [current] },
      cell,
      out: { type: 'Output', shape: [1] },
    },
    edges: [
      ['in', 'drive'],
      ['drive', 'cell'],
      ['cell', 'out'],
    ],
    semantics: { dt, integrate: 'rk4' },
  });
}

function spikesOf(net: RunningNetwork, steps: number, arrivals: readonly number[] = []): number[] {
  const input = new EventBuffer(arrivals.length);
  const place = net.graph.nodes.findIndex(({ name }) => name === 'in');
  for (const step of arrivals) input.push(step, place, 0, 1);
  const output = new EventBuffer(steps);
  net.run(steps, input, output);
  return [...output.step.subarray(0, output.length)];
}

/** a, b, c, d of Izhikevich 2003, and how far a spike of the first second may be off, in steps of 0.1 ms. */
const patterns = {
  'regular spiking': [0.02, 0.2, -65, 8, 5],
  'intrinsically bursting': [0.02, 0.2, -55, 4, 20],
  chattering: [0.02, 0.2, -50, 2, 20],
  'fast spiking': [0.1, 0.2, -65, 2, 50],
  'low-threshold spiking': [0.02, 0.25, -65, 2, 100],
  'thalamo-cortical': [0.02, 0.25, -65, 0.05, 300],
  resonator: [0.1, 0.26, -65, 2, 20],
} as const;

const adEx = {
  type: 'AdEx',
  tau: 0.00937,
  r: 33.3,
  v_leak: -70.6,
  v_threshold: -50.4,
  delta_t: 2,
  v_peak: 20,
  v_reset: -70.6,
  tau_w: 0.144,
  a: 0.004,
  b: 0.0805,
};

describe('tables of the flow against the equations at dt = 0.1 ms, over a second', () => {
  it.each(Object.entries(patterns))('Izhikevich, %s', (_name, [a, b, c, d, within]) => {
    const model = neuron({ type: 'Izhikevich', a, b, c, d, v_initial: -65, u_initial: -65 * b }, 10);
    const [actual, expected] = [tables.load(model), referenceEngine.load(model)].map((net) => spikesOf(net, 10_000));
    expect(expected!.length).toBeGreaterThan(20);
    // A spike is at most a step off after the one before it.
    expect(Math.abs(actual!.length - expected!.length)).toBeLessThanOrEqual(0.03 * expected!.length);
    expected!.slice(0, actual!.length).forEach((step, k) => {
      expect(Math.abs(actual![k]! - step), `spike ${k}`).toBeLessThanOrEqual(Math.min(within, k + 2));
    });
  });

  it('AdEx, the cell of Brette and Gerstner', () => {
    const model = neuron(adEx, 0.8);
    const [actual, expected] = [tables.load(model), referenceEngine.load(model)].map((net) => spikesOf(net, 10_000));
    expect(expected!.length).toBeGreaterThan(3);
    expect(actual).toHaveLength(expected!.length);
    expected!.forEach((step, k) => {
      expect(Math.abs(actual![k]! - step), `spike ${k}`).toBeLessThanOrEqual(20);
    });
  });

  it.each([
    ['Izhikevich', { type: 'Izhikevich', v_initial: -70, u_initial: -14 }, 0, 300],
    ['AdEx', adEx, 0, 45],
  ] as const)('%s with arrivals, which it takes by its own equations', (_name, cell, current, weight) => {
    const random = new RandomGenerator(4, 'arrivals');
    const arrivals = Array.from({ length: 20_000 }, (_, step) => step).filter(() => random.nextUniform() < 0.01);
    const model = neuron(cell, current, weight);
    const [actual, expected] = [tables.load(model), referenceEngine.load(model)].map((net) =>
      spikesOf(net, 20_000, arrivals),
    );
    expect(expected!.length).toBeGreaterThan(10);
    // Of a spike that an arrival only just brings about, nothing is asked.
    const near = expected!.filter((step) => actual!.some((other) => Math.abs(other - step) <= 10));
    expect(near.length).toBeGreaterThanOrEqual(0.9 * expected!.length);
    expect(Math.abs(actual!.length - expected!.length)).toBeLessThanOrEqual(0.1 * expected!.length);
  });
});

describe('tables', () => {
  const model = neuron({ type: 'Izhikevich', v_initial: -65, u_initial: -13 }, 10, 40);

  it('count in the bytes of the net, a megabyte for each constant input', () => {
    const [with_, without] = [tables.load(model), engineNamed('event').load(model)].map(({ bytes }) => bytes);
    expect(with_! - without!).toBeGreaterThan(0.9e6);
    expect(with_! - without!).toBeLessThan(1.2e6);
  });

  it('give way to the equations where there would be too many of them', () => {
    const size = 40;
    const many = parseModel({
      nodes: {
        in: { type: 'Input', shape: [1] },
        drive: {
          type: 'Affine',
          weight: Array.from({ length: size }, () => [0]),
          bias: Array.from({ length: size }, (_, i) => 5 + i / 10),
        },
        cell: { type: 'Izhikevich', v_initial: -65, u_initial: -13 },
        out: { type: 'Output', shape: [size] },
      },
      edges: [
        ['in', 'drive'],
        ['drive', 'cell'],
        ['cell', 'out'],
      ],
      semantics: { dt, integrate: 'rk4' },
    });
    const [net, reference] = [tables.load(many), referenceEngine.load(many)];
    expect(net.bytes).toBeLessThan(1e6);
    expect(net.choice?.warning).toMatch(/^node "cell" \(Izhikevich\) runs step by step: it would need 40 tables/);
    expect(spikesOf(net, 2000)).toEqual(spikesOf(reference, 2000));
  });

  it('say so where there are none, and are silent where there are', () => {
    expect(tables.load(model).choice).toEqual({ engine: 'event-tables', because: null });
    const huxley = neuron({ type: 'HodgkinHuxley' }, 10);
    expect(tables.load(huxley).choice?.warning).toMatch(/"cell" \(HodgkinHuxley\) runs step by step: tables are for/);
    expect(engineNamed('event').load(huxley).choice?.warning).toBeUndefined();
  });

  it('continue bit for bit from a saved state', () => {
    const arrivals = [100, 333, 1200, 1201, 1650];
    const [whole, half] = [tables.load(model), tables.load(model)];
    const truth = spikesOf(whole, 2000, arrivals);
    const before = spikesOf(
      half,
      1000,
      arrivals.filter((step) => step < 1000),
    );
    const resumed = tables.load(model);
    resumed.restore(half.save());
    const after = spikesOf(
      resumed,
      1000,
      arrivals.filter((step) => step >= 1000).map((step) => step - 1000),
    );
    expect([...before, ...after.map((step) => step + 1000)]).toEqual(truth);
    expect(Buffer.from(resumed.save()).equals(whole.save())).toBe(true);
  });
});
