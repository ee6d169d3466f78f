import { type Model, type NeuronKind, nodeKinds, parseModel, RandomGenerator } from '@spikewire/models';
import { EventBuffer, engineNamed, type RunningNetwork, referenceEngine } from 'spikewire';
import { beforeAll, describe, expect, it } from 'vitest';
import { chain } from '../chain.ts';
import { describeEngine } from './suite.ts';

const tables = engineNamed('event-tables');
const float64 = { membrane: 1e-11, readOut: 1e-11 };

// What has a closed form needs no table: the whole suite holds.
describeEngine('event-tables', tables.load, float64, { load: referenceEngine.load, bitExact: false });

const dt = 1e-4;
/** Steps of 2 s, and of the 10 s over which rates are counted where arrivals come by chance. */
const [SHORT, LONG] = [20_000, 100_000];

type Cell = Readonly<Record<string, unknown>> & { readonly type: string };

function neuron(cell: Cell, current: number, weight = 0, semantics: object = {}): Model {
  return parseModel({
    nodes: {
      in: { type: 'Input', shape: [1] },
      drive: { type: 'Affine', weight: [[weight]], bias: [current] },
      cell,
      out: { type: 'Output', shape: [1] },
    },
    edges: chain('in', 'drive', 'cell', 'out'),
    semantics: { dt, integrate: cell.type === 'ALIF' ? 'exact' : 'rk4', ...semantics },
  });
}

function spikesOf(net: RunningNetwork, steps: number, arrivals: readonly number[] = []): number[] {
  const input = new EventBuffer(arrivals.length);
  const index = net.graph.nodes.findIndex(({ name }) => name === 'in');
  for (const step of arrivals) input.push(step, index, 0, 1);
  const output = new EventBuffer(steps);
  net.run(steps, input, output);
  return [...output.step.subarray(0, output.length)];
}

function izhikevich(a: number, b: number, c: number, d: number): Cell {
  return { type: 'Izhikevich', a, b, c, d, v_initial: -65, u_initial: -65 * b };
}

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

/** Cells with a current that makes each spike for ever, and the size of an arrival that does so now and then. */
const cells: Readonly<Record<string, { readonly cell: Cell; readonly strong: number; readonly arrival: number }>> = {
  'regular spiking': { cell: izhikevich(0.02, 0.2, -65, 8), strong: 20, arrival: 150 },
  'intrinsically bursting': { cell: izhikevich(0.02, 0.2, -55, 4), strong: 20, arrival: 150 },
  chattering: { cell: izhikevich(0.02, 0.2, -50, 2), strong: 20, arrival: 150 },
  'fast spiking': { cell: izhikevich(0.1, 0.2, -65, 2), strong: 20, arrival: 150 },
  'low-threshold spiking': { cell: izhikevich(0.02, 0.25, -65, 2), strong: 20, arrival: 150 },
  'thalamo-cortical': { cell: izhikevich(0.02, 0.25, -65, 0.05), strong: 20, arrival: 150 },
  resonator: { cell: izhikevich(0.1, 0.26, -65, 2), strong: 20, arrival: 150 },
  AdEx: { cell: adEx, strong: 2, arrival: 60 },
  'FitzHugh–Nagumo': { cell: { type: 'FitzHughNagumo', v_initial: -1.2, w_initial: -0.62 }, strong: 1, arrival: 12 },
  ALIF: {
    cell: { type: 'ALIF', tau: 0.02, r: 1, v_threshold: 1, theta_plus: 0.2, tau_theta: 0.1, tau_ref: 0.002 },
    strong: 3,
    arrival: 60,
  },
};

/** The least current under which a cell still spikes after 2 s, by the equations of its kind. */
function rheobaseOf({ cell, strong }: (typeof cells)[string]): number {
  const spikesLate = (current: number) => {
    const { graph, semantics } = neuron(cell, 0);
    const node = graph.nodes.get('cell')!;
    const kind = nodeKinds.find(({ type }) => type === cell.type) as NeuronKind;
    const { initial, step } = kind.prepare(node, 1, semantics);
    let spikes = 0;
    for (let k = 0; k < 2 * SHORT; k++) {
      const spiked = step(0, [Float64Array.of(current)], initial) > 0;
      if (spiked && k >= SHORT) spikes++;
    }
    return spikes > 0;
  };
  let [low, high] = [0, strong];
  for (let halving = 0; halving < 14; halving++) {
    const middle = (low + high) / 2;
    if (spikesLate(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** Spikes by tables and by the reference; tables must have been there for nearly all steps. */
function both(model: Model, steps: number, arrivals?: readonly number[]): readonly [number[], number[]] {
  const net = tables.load(model);
  const actual = spikesOf(net, steps, arrivals);
  expectTabled(net);
  return [actual, spikesOf(referenceEngine.load(model), steps, arrivals)];
}

/** Tables for nine of ten steps, or none because there is a closed form. */
function expectTabled(net: RunningNetwork): void {
  expect(net.choice?.warning).toBeUndefined();
  if (net.model.graph.nodes.get('cell')!.type === 'ALIF') expect(net.choice!.because).toBeNull();
  else expect(shareOf(net)).toBeGreaterThan(90);
}

/** Per cent of steps for which tables held. */
function shareOf(net: RunningNetwork): number {
  return Number(/^tables for ([\d.]+) %/.exec(net.choice!.because!)![1]);
}

/** The first ten spikes within two steps, and the rate within 1 %. */
function expectAlike([actual, expected]: readonly [number[], number[]]): void {
  expect(Math.abs(actual.length - expected.length)).toBeLessThanOrEqual(0.01 * expected.length);
  expected.slice(0, Math.min(10, actual.length)).forEach((step, k) => {
    expect(Math.abs(actual[k]! - step), `spike ${k}`).toBeLessThanOrEqual(2);
  });
}

describe.each(Object.entries(cells))(
  'tables of the flow of %s',
  (_name, each) => {
    const { cell, arrival } = each;
    let rheobase = 0;
    beforeAll(() => {
      rheobase = rheobaseOf(each);
    });

    it.each([0.5, 0.985, 1.015])(
      'near rheobase or below, at %f of it, have its spikes or one more or less',
      (share) => {
        const [actual, expected] = both(neuron(cell, share * rheobase), SHORT);
        expect(Math.abs(actual.length - expected.length)).toBeLessThanOrEqual(1);
      },
    );

    it.each([1.03, 1.1, 1.25, 1.5, 2, 3, 4])('have the spikes of the equations at %f of rheobase', (share) => {
      const spikes = both(neuron(cell, share * rheobase), SHORT);
      expect(spikes[1].length).toBeGreaterThan(5);
      expectAlike(spikes);
    });

    it.each([1, 10, 100])('have the spikes of the equations with arrivals at %i Hz', (rate) => {
      // Without a current, and with one below and one above rheobase.
      for (const [share, weight] of [
        [0, arrival],
        [0.9, 0.3 * arrival],
        [1.2, 0.3 * arrival],
      ] as const) {
        const random = new RandomGenerator(rate, 'arrivals');
        const arrivals = Array.from({ length: LONG }, (_, step) => step).filter(() => random.nextUniform() < rate * dt);
        expectAlike(both(neuron(cell, share * rheobase, weight), LONG, arrivals));
      }
    });
  },
  60_000,
);

describe('tables', () => {
  const model = neuron({ type: 'Izhikevich', v_initial: -65, u_initial: -13 }, 10, 40);

  it.each([0, 0.004, 0.02])('leave a cell at rest for the %f s after a spike', (rest) => {
    const cell = { ...adEx, tau_ref: rest };
    const spikesBy = (engine: { load(model: Model): RunningNetwork }, b: number) =>
      spikesOf(engine.load(neuron({ ...cell, b }, 0.8)), SHORT);
    expectAlike([spikesBy(tables, adEx.b), spikesBy(referenceEngine, adEx.b)]);
    const [first, second] = spikesBy(tables, 0);
    expect((second! - first!) * dt).toBeGreaterThan(rest + 0.005);
  });

  it('hold again soon after an arrival', () => {
    const net = tables.load(neuron(izhikevich(0.02, 0.2, -65, 8), 0, 150));
    // Each makes a spike, whose upstroke and whose arrival are steps of its own.
    expect(spikesOf(net, 60_000, [1000, 1001, 20_000, 20_001, 40_000, 40_001])).toHaveLength(3);
    expect(shareOf(net)).toBeGreaterThan(99);
  });

  it('say for which share of the steps they held', () => {
    const arrivals = Array.from({ length: 2000 }, (_, step) => 2 * step);
    const net = tables.load(neuron(izhikevich(0.02, 0.2, -65, 8), 0, 1));
    spikesOf(net, 4000, arrivals);
    // Every second step has an arrival, and the one before it is too short for a table.
    expect(shareOf(net)).toBeLessThan(1);
    spikesOf(net, 40_000);
    expect(shareOf(net)).toBeGreaterThan(60);
  });

  it('give way to the equations as long as something arrives all the time, and hold again afterwards', () => {
    const model = neuron(izhikevich(0.02, 0.2, -65, 8), 0, 10);
    const dense = Array.from({ length: 20_000 }, (_, step) => step);
    const [whole, reference] = [tables.load(model), referenceEngine.load(model)];
    const truth = spikesOf(whole, 20_000, dense);
    expect(truth.length).toBeGreaterThan(10);
    expect(truth).toEqual(spikesOf(reference, 20_000, dense));
    expect(shareOf(whole)).toBe(0);
    const resumed = tables.load(model);
    resumed.restore(whole.save());
    const after = spikesOf(whole, 400_000, [100, 30_000, 30_100]);
    expect(spikesOf(resumed, 400_000, [100, 30_000, 30_100])).toEqual(after);
    expect(Buffer.from(resumed.save()).equals(whole.save())).toBe(true);
    expect(shareOf(whole)).toBeGreaterThan(90);
  });

  it('give way to the equations where the least change makes other spikes, and say so', () => {
    // Forward Euler with long steps: now and then it goes round the small way.
    const cell = { type: 'FitzHughNagumo', v_initial: -1.2, w_initial: -0.62 };
    const model = neuron(cell, 0.4, 0, { dt: 1e-3, integrate: 'euler' });
    const net = tables.load(model);
    expect(net.choice?.warning).toMatch(/"cell" \(FitzHughNagumo\) runs step by step: .*smallest change/);
    const expected = spikesOf(referenceEngine.load(model), SHORT);
    expect(spikesOf(net, SHORT)).toEqual(expected);
    expect(expected.length).toBeGreaterThan(30);
    expect(shareOf(net)).toBe(0);
  });

  it('count in the bytes of the net, 1.6 MB for each constant input', () => {
    const [with_, without] = [tables.load(model), engineNamed('event').load(model)].map(({ bytes }) => bytes);
    expect(with_! - without!).toBeGreaterThan(1.5e6);
    expect(with_! - without!).toBeLessThan(1.7e6);
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
      edges: chain('in', 'drive', 'cell', 'out'),
      semantics: { dt, integrate: 'rk4' },
    });
    const [net, reference] = [tables.load(many), referenceEngine.load(many)];
    expect(net.bytes).toBeLessThan(1e6);
    expect(net.choice?.warning).toMatch(/^node "cell" \(Izhikevich\) runs step by step: it would need 40 tables/);
    expect(spikesOf(net, 2000)).toEqual(spikesOf(reference, 2000));
  });

  it('of all populations share one room', () => {
    const names = ['a', 'b', 'c'];
    const cell = { type: 'Izhikevich', v_initial: -65, u_initial: -13 };
    const wide = parseModel({
      nodes: {
        in: { type: 'Input', shape: [8] },
        ...Object.fromEntries(names.map((name) => [name, { ...cell, b: [1, 2, 3, 4, 5, 6, 7, 8].map((k) => k / 40) }])),
        out: { type: 'Output', shape: [8] },
      },
      edges: names.flatMap((name) => [
        ['in', name],
        [name, 'out'],
      ]),
      semantics: { dt, integrate: 'rk4' },
    });
    const { bytes, choice } = tables.load(wide);
    expect(bytes).toBeLessThan(2 ** 25 + 2 ** 16);
    expect(choice?.warning).toMatch(
      /^node "\w" \(Izhikevich\) runs step by step: it would need 8 tables, and .* for 4$/,
    );
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
