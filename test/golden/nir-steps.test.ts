import { modelUnder, type NirNet } from '@spikewire/exchange/nir';
import { type GraphNode, RandomGenerator, tensor } from '@spikewire/models';
import { referenceEngine, simulate } from 'spikewire';
import { describe, expect, it } from 'vitest';

/** A neuron of a framework as its own program computes it: takes x, gives its membrane and its spikes. */
type Neuron = (x: number) => readonly [v: number, spikes: number];

const DT = 1e-3;
const STEPS = 60;

const lif = { tau: 0.004, r: 2.5, v_leak: 0.2, v_threshold: 0.7, v_reset: 0.1 };
const integrator = { r: 300, v_threshold: 0.7, v_reset: 0.1 };
const cuba = { tau_syn: 0.003, tau_mem: 0.006, r: 2.5, v_leak: 0.2, v_threshold: 0.3, v_reset: 0.1, w_in: 1.5 };

/** v ← next(v, x), then the spikes of v, which reset it. */
function neuron(
  start: number,
  next: (v: number, x: number) => number,
  spikes: (v: number) => number,
  reset: (v: number, spikes: number) => number,
): Neuron {
  let v = start;
  return (x) => {
    v = next(v, x);
    const count = spikes(v);
    if (count > 0) v = reset(v, count);
    return [v, count];
  };
}

/** A current that decays and feeds a neuron in the same step. */
function withCurrent(next: (i: number, x: number) => number, membrane: Neuron): Neuron {
  let i = 0;
  return (x) => {
    i = next(i, x);
    return membrane(i);
  };
}

/** What arrives or leaves a step later. */
function delayed(inner: Neuron): Neuron {
  let last = 0;
  return (x) => {
    const now = last;
    last = x;
    return inner(now);
  };
}

const above = (theta: number) => (v: number) => (v > theta ? 1 : 0);
const atLeast = (theta: number) => (v: number) => (v >= theta ? 1 : 0);
const many = (theta: number) => (v: number) => Math.max(0, Math.floor(v / theta));
const to = (value: number) => () => value;
const minus = (theta: number) => (v: number, count: number) => v - count * theta;

/** v ← v + dt/τ (rest − v + gain x). */
const euler = (tau: number, rest: number, gain: number) => (v: number, x: number) =>
  v + (DT / tau) * (rest - v + gain * x);
/** v ← αv + bias(1 − α) + gain x. */
const decayed = (tau: number, rest: number, gain: number) => (v: number, x: number) => {
  const alpha = Math.exp(-DT / tau);
  return alpha * v + rest * (1 - alpha) + gain * x;
};
/** v ← v + (r x + rest − v)(1 − α). */
const exact = (tau: number, rest: number, r: number) => (v: number, x: number) =>
  v + (r * x + rest - v) * (1 - Math.exp(-DT / tau));

const summing = (gain: number) => (v: number, x: number) => v + gain * x;

interface Framework {
  readonly lif: Neuron;
  readonly if: Neuron;
  readonly cuba: Neuron;
}

const { tau, r, v_leak, v_threshold: theta, v_reset } = lif;
const c = cuba;
const sum = summing(integrator.r * DT);
const eulerCurrent = euler(c.tau_syn, 0, c.w_in);

/** As the converters of the frameworks compute, for their own sake in their own form. */
const frameworks: Readonly<Record<string, () => Framework>> = {
  norse: () => ({
    lif: neuron(v_leak, euler(tau, v_leak, 1), above(theta), to(v_reset)),
    if: neuron(0, sum, above(theta), to(v_reset)),
    cuba: withCurrent(eulerCurrent, neuron(v_leak, euler(c.tau_mem, v_leak, c.r), above(c.v_threshold), to(v_reset))),
  }),
  snntorch: () => ({
    lif: neuron(0, (v, x) => (1 - DT / tau) * v + ((r * DT) / tau) * x, above(theta), to(0)),
    if: neuron(0, sum, above(theta), to(0)),
    cuba: withCurrent(
      (i, x) => (1 - DT / c.tau_syn) * i + ((c.w_in * DT) / c.tau_syn) * x,
      neuron(0, euler(c.tau_mem, 0, c.r), above(c.v_threshold), to(0)),
    ),
  }),
  spikingjelly: () => ({
    lif: neuron(v_reset, (v, x) => v + (r * x - (v - v_reset)) / (tau / DT), atLeast(theta), to(v_reset)),
    if: neuron(0, sum, atLeast(theta), to(v_reset)),
    cuba: withCurrent(eulerCurrent, neuron(v_leak, euler(c.tau_mem, v_leak, c.r), atLeast(c.v_threshold), to(v_reset))),
  }),
  sinabs: () => ({
    lif: neuron(0, decayed(tau, 0, (r * DT) / tau), many(theta), minus(theta)),
    if: neuron(0, (v, x) => Math.max(-theta, v + x), many(theta), minus(theta)),
    cuba: withCurrent(
      decayed(c.tau_syn, 0, (c.w_in * DT) / c.tau_syn),
      neuron(0, decayed(c.tau_mem, 0, (c.r * DT) / c.tau_mem), many(c.v_threshold), minus(c.v_threshold)),
    ),
  }),
  rockpool: () => ({
    lif: neuron(v_leak, decayed(tau, v_leak, (r * DT) / tau), many(theta), minus(theta)),
    if: neuron(0, sum, many(theta), minus(theta)),
    cuba: withCurrent(
      decayed(c.tau_syn, 0, (c.w_in * DT) / c.tau_syn),
      neuron(v_leak, decayed(c.tau_mem, v_leak, (c.r * DT) / c.tau_mem), many(c.v_threshold), minus(c.v_threshold)),
    ),
  }),
  nengo: () => ({
    lif: neuron(v_leak, exact(tau, v_leak, r), above(theta), to(0)),
    if: neuron(0, sum, above(theta), to(0)),
    cuba: withCurrent(
      exact(c.tau_syn, 0, c.w_in),
      neuron(v_leak, exact(c.tau_mem, v_leak, c.r), above(c.v_threshold), to(0)),
    ),
  }),
  lava: () => ({
    lif: delayed(
      neuron(v_leak, (v, x) => v * (1 - DT / tau) + ((r * DT) / tau) * x + (v_leak * DT) / tau, above(theta), to(0)),
    ),
    if: delayed(neuron(0, sum, above(theta), to(0))),
    cuba: delayed(
      withCurrent(eulerCurrent, neuron(v_leak, euler(c.tau_mem, v_leak, c.r), above(c.v_threshold), to(0))),
    ),
  }),
  spinnaker2: () => ({
    lif: neuron(v_leak, euler(tau, v_leak, r), above(theta), to(v_reset)),
    if: neuron(0, sum, above(theta), to(v_reset)),
    cuba: withCurrent(eulerCurrent, neuron(v_leak, euler(c.tau_mem, v_leak, c.r), above(c.v_threshold), to(v_reset))),
  }),
};

/** Spyx: the membrane decays, takes the threshold of the last step's spike, and answers with that spike. */
function spyx(next: (v: number, x: number) => number, threshold: number): (x: number) => number {
  let v = 0;
  return (x) => {
    const spike = v > threshold ? 1 : 0;
    v = next(v, x) - spike * threshold;
    return spike;
  };
}

/** A weight of 1 in front of one neuron. */
function netOf(type: string, parameters: Readonly<Record<string, number>>): NirNet {
  const one = (value: number) => tensor(Float64Array.of(value));
  const nodes: [string, GraphNode][] = [
    ['input', { type: 'Input', parameters: { shape: tensor(Float64Array.of(1)) } }],
    ['weight', { type: 'Linear', parameters: { weight: tensor(Float64Array.of(1), [1, 1]) } }],
    [
      'neuron',
      { type, parameters: Object.fromEntries(Object.entries(parameters).map(([key, value]) => [key, one(value)])) },
    ],
    ['output', { type: 'Output', parameters: { shape: tensor(Float64Array.of(1)) } }],
  ];
  const names = nodes.map(([name]) => name);
  const edges = names.slice(1).map((target, k) => ({ source: names[k]!, target, delay: 0 }));
  return { graph: { nodes: new Map(nodes), edges }, version: '1.0.7', metadata: {}, notes: [] };
}

/** Input of both signs: enough for several spikes in a step, and below a lower bound. */
function stimulus(scale: number): Float64Array {
  const random = new RandomGenerator(7n, 'stimulus');
  return Float64Array.from({ length: STEPS }, () => scale * (2.4 * random.nextUniform() - 1));
}

function run(net: NirNet, from: string, x: Float64Array) {
  const { model } = modelUnder(net, { from, dt: DT });
  const input = { dt: DT, steps: STEPS, input: { input: [...x].map((value, step) => [step, 0, value] as const) } };
  const { traces, spikes } = simulate(model, input, {
    engine: referenceEngine,
    record: [{ what: 'spikes' }, { what: 'v' }],
  });
  const counts = new Float64Array(STEPS);
  for (const [step, , count = 1] of spikes.neuron! as readonly (readonly number[])[]) counts[step!] = count;
  return { v: traces.neuron!.v!.map(([v]) => v!), counts: [...counts] };
}

const types = { lif: ['LIF', lif, 2], if: ['IF', integrator, 1.6], cuba: ['CubaLIF', cuba, 2] } as const;

describe.each(Object.keys(types) as (keyof typeof types)[])('%s, with r, v_leak and v_reset of their own,', (which) => {
  const [type, parameters, scale] = types[which];

  it.each(Object.keys(frameworks))('steps as %s', (from) => {
    const theirs = frameworks[from]!()[which];
    const x = stimulus(scale);
    const { v, counts } = run(netOf(type, parameters), from, x);
    const expected = [...x].map((each) => theirs(each));
    expect(counts).toEqual(expected.map(([, spikes]) => spikes));
    expect(counts.filter((count) => count > 0).length).toBeGreaterThan(2);
    for (const [step, [own]] of expected.entries()) expect(v[step], `step ${step}`).toBeCloseTo(own, 9);
  });

  it('spikes a step later as spyx', () => {
    const next = {
      lif: euler(tau, 0, r),
      if: sum,
      cuba: (() => {
        let i = 0;
        return (v: number, x: number) => {
          i = eulerCurrent(i, x);
          return euler(c.tau_mem, 0, c.r)(v, i);
        };
      })(),
    }[which];
    const theirs = spyx(next, parameters.v_threshold);
    const x = stimulus(scale);
    const { counts } = run(netOf(type, parameters), 'spyx', x);
    const expected = [...x].map((each) => theirs(each));
    expect(expected.filter((spike) => spike > 0).length).toBeGreaterThan(2);
    // The edge behind the neuron has the step more.
    expect([0, ...counts.slice(0, -1)]).toEqual(expected);
  });
});

describe('time constants in steps, as Sinabs writes them,', () => {
  it('take the input whole', () => {
    const net = netOf('LIF', { ...lif, tau: 4, r: 1 });
    const theirs = neuron(0, (v, x) => Math.exp(-1 / 4) * v + x, many(theta), minus(theta));
    const x = stimulus(0.5);
    const { v, counts } = run(net, 'sinabs', x);
    const expected = [...x].map((each) => theirs(each));
    expect(counts).toEqual(expected.map(([, spikes]) => spikes));
    for (const [step, [own]] of expected.entries()) expect(v[step], `step ${step}`).toBeCloseTo(own, 9);
  });
});

describe('numbers as Rockpool writes them', () => {
  const written = { ...lif, v_leak: 0, r: (lif.tau * Math.exp(-DT / lif.tau)) / DT };

  it('have a gain of 1', () => {
    const theirs = neuron(0, (v, x) => Math.exp(-DT / tau) * v + x, many(theta), minus(theta));
    const x = stimulus(0.5);
    const { v } = run(netOf('LIF', written), 'rockpool', x);
    for (const [step, [own]] of [...x].map((each) => theirs(each)).entries()) expect(v[step]).toBeCloseTo(own, 9);
  });

  it('for another step than that of the net are named', () => {
    const net = netOf('LIF', written);
    const line = 'r and tau are as Rockpool writes them for steps of 0.001 s: with 0.002 s the gain is r·dt/tau, not 1';
    expect(modelUnder(net, { from: 'rockpool', dt: 2 * DT }).notes).toContain(line);
    expect(modelUnder(net, { from: 'rockpool' }).notes).not.toContain(line);
  });
});

it('a v_leak that is not 0 is named, because frameworks start elsewhere', () => {
  const line = 'node "neuron" (LIF): starts at v_leak, which is not 0; some frameworks start at 0';
  expect(modelUnder(netOf('LIF', lif), { from: 'norse' }).notes).toContain(line);
  expect(modelUnder(netOf('LIF', lif), { from: 'snntorch' }).notes).not.toContain(line);
});
