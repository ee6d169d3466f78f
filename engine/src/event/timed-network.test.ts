import { type Model, parseModel, RandomGenerator, SpikewireError } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { EventBuffer } from '../event-buffer.ts';
import { TimedEventBuffer } from '../event-columns.ts';
import { referenceEngine } from '../reference/reference.ts';
import { TimedNetwork } from './timed-network.ts';

const dt = 0.001;

/** One Input through one weight into one neuron with a constant current. */
function single(cell: object, { weight = 1, bias = 0, step = dt, delay = 0 } = {}): Model {
  return parseModel({
    nodes: {
      in: { type: 'Input', shape: [1] },
      drive: { type: 'Affine', weight: [[weight]], bias: [bias] },
      cell,
      out: { type: 'Output', shape: [1] },
    },
    edges: [
      ['in', 'drive'],
      ['drive', 'cell', { delay }],
      ['cell', 'out'],
    ],
    semantics: { dt: step, integrate: 'exact' },
  });
}

function eventsAt(net: TimedNetwork, times: readonly number[]): TimedEventBuffer {
  const events = new TimedEventBuffer(times.length);
  const index = net.graph.nodes.findIndex(({ kind }) => kind.role === 'input');
  for (const time of times) events.push(time, index, 0, 1);
  return events;
}

/** Times of the spikes up to `until`. */
function spikeTimes(model: Model, until: number, times: readonly number[] = []): number[] {
  const net = new TimedNetwork(model);
  const output = new TimedEventBuffer(10_000);
  net.runEvents(until, eventsAt(net, times), output);
  expect(output.dropped).toBe(0);
  return [...output.time.subarray(0, output.length)];
}

function expectTimes(actual: readonly number[], expected: readonly number[], within: number): void {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((time, k) => {
    expect(Math.abs(time - expected[k]!), `spike ${k} at ${time}, ${expected[k]}`).toBeLessThan(within);
  });
}

describe('spikes of a constant current', () => {
  it.each([
    [1.01, 0],
    [1.3, 0.00217],
    [40, 0.0001],
  ])('LIF at R·I = %d and τ_ref = %d: every τ_ref + τ·ln(RI/(RI − θ)) seconds', (current, rest) => {
    const model = single({ type: 'LIF', tau: 0.02, tau_ref: rest, v_threshold: 1 }, { bias: current });
    const rise = 0.02 * Math.log(current / (current - 1));
    const expected = Array.from({ length: 10 }, (_, k) => rise + k * (rest + rise));
    expectTimes(spikeTimes(model, expected[9]! + rise / 2), expected, 1e-9);
  });

  it('IF: every θ/(R·I) seconds', () => {
    const model = single({ type: 'IF', r: 10, v_threshold: 0.7 }, { bias: 3 });
    expectTimes(
      spikeTimes(model, 0.22),
      Array.from({ length: 9 }, (_, k) => ((k + 1) * 0.7) / 30),
      1e-9,
    );
  });

  it('begins after its delay', () => {
    const model = single({ type: 'IF', r: 10, v_threshold: 0.7 }, { bias: 3, delay: 7 });
    expectTimes(spikeTimes(model, 0.06), [0.007 + 0.7 / 30, 0.007 + 1.4 / 30], 1e-9);
  });
});

describe('spikes of events between the steps', () => {
  it('LIF spikes with the event that lifts it over its threshold, at the time of the event', () => {
    // Each event lifts by 0.6; the first two are too far apart: 0.6·e^(−Δ/τ) + 0.6 < 1.
    const lift = 0.6 / (1 - Math.exp(-dt / 0.01));
    const model = single({ type: 'LIF', tau: 0.01, v_threshold: 1 }, { weight: lift });
    expectTimes(spikeTimes(model, 0.1, [0.0101234, 0.0301235, 0.0311239, 0.0311241]), [0.0311239], 1e-12);
  });

  it('CubaLIF spikes where its two exponentials meet the threshold, or never', () => {
    const [tauSyn, tauMem] = [0.004, 0.015];
    const jump = 1 - Math.exp(-dt / tauSyn);
    const membrane = (t: number, weight: number) =>
      ((weight * jump * tauSyn) / (tauSyn - tauMem)) * (Math.exp(-t / tauSyn) - Math.exp(-t / tauMem));
    const peak = (Math.log(tauMem / tauSyn) * tauSyn * tauMem) / (tauMem - tauSyn);
    const least = 1 / membrane(peak, 1);
    for (const weight of [1.0001 * least, 1.5 * least, 20 * least]) {
      let [low, high] = [0, peak];
      for (let k = 0; k < 100; k++) {
        const middle = (low + high) / 2;
        if (membrane(middle, weight) < 1) low = middle;
        else high = middle;
      }
      const cell = { type: 'CubaLIF', tau_syn: tauSyn, tau_mem: tauMem, v_threshold: 1, tau_ref: 1 };
      expectTimes(spikeTimes(single(cell, { weight }), 0.5, [0.0123456]), [0.0123456 + high], 1e-9);
      expect(spikeTimes(single(cell, { weight: 0.999 * least }), 0.5, [0.0123456])).toEqual([]);
    }
  });

  it('counts all that an event lifts by at once where the reset subtracts', () => {
    const model = single(
      { type: 'IF', r: 1 / dt, v_threshold: 1, semantics: { reset: 'subtract', spikesPerStep: 'many' } },
      { weight: 3.5 },
    );
    const net = new TimedNetwork(model);
    const output = new TimedEventBuffer(10);
    net.runEvents(0.01, eventsAt(net, [0.005]), output);
    expect([output.length, output.value[0]]).toEqual([1, 3]);
    expect(net.readState('cell', 'v')[0]).toBeCloseTo(0.5, 12);
  });
});

/** A recurrent net whose jumps do not depend on the step, so that only the grid differs. */
function recurrent(type: 'LIF' | 'CubaLIF', step: number): Model {
  const random = new RandomGenerator(7, 'recurrent');
  const size = 12;
  const each = (low: number, high: number) =>
    Array.from({ length: size }, () => low + (high - low) * random.nextUniform());
  const [tau, tauSyn] = [each(0.01, 0.02), each(0.004, 0.008)];
  const decays = (type === 'LIF' ? tau : tauSyn).map((seconds) => 1 - Math.exp(-step / seconds));
  const rows = (columns: number, scale: number) =>
    decays.map((share) => Array.from({ length: columns }, () => (scale * (random.nextNormal() + 0.4)) / share));
  const cell =
    type === 'LIF'
      ? { type, tau, tau_ref: 0.0031, v_threshold: 1 }
      : { type, tau_syn: tauSyn, tau_mem: tau, tau_ref: 0.0031, v_threshold: 1 };
  return parseModel({
    nodes: {
      in: { type: 'Input', shape: [1] },
      enter: { type: 'Linear', weight: rows(1, type === 'LIF' ? 0.8 : 2) },
      current: { type: 'Affine', weight: each(0, 0).map((zero) => [zero]), bias: each(0.5, 1.3) },
      cell,
      back: { type: 'Linear', weight: rows(size, type === 'LIF' ? 0.15 : 0.4) },
      out: { type: 'Output', shape: [size] },
    },
    edges: [
      ['in', 'enter'],
      ['in', 'current'],
      ['enter', 'cell'],
      ['current', 'cell'],
      ['cell', 'back', { delay: Math.round(0.002 / step) }],
      ['back', 'cell'],
      ['cell', 'out'],
    ],
    semantics: { dt: step, integrate: 'exact' },
  });
}

describe.each(['LIF', 'CubaLIF'] as const)('as dt goes to 0 the grid comes to continuous time: %s', (type) => {
  const until = 0.08;
  /** On every grid that is tried. */
  const times = [0.004, 0.009, 0.013, 0.02, 0.021, 0.04, 0.05, 0.077];

  const onGrid = (step: number) => {
    const net = referenceEngine.load(recurrent(type, step));
    const steps = Math.round(until / step);
    const input = new EventBuffer(times.length);
    const index = net.graph.nodes.findIndex(({ kind }) => kind.role === 'input');
    for (const time of times) input.push(Math.round(time / step) - 1, index, 0, 1);
    const output = new EventBuffer(10_000);
    net.run(steps, input, output);
    return Array.from({ length: output.length }, (_, k) => [(output.step[k]! + 1) * step, output.index[k]!] as const);
  };

  it('spike by spike, in proportion', () => {
    const net = new TimedNetwork(recurrent(type, dt));
    const output = new TimedEventBuffer(10_000);
    net.runEvents(until, eventsAt(net, times), output);
    const truth = Array.from({ length: output.length }, (_, k) => [output.time[k]!, output.index[k]!] as const);
    expect(truth.length).toBeGreaterThan(40);
    const [coarse, fine] = [1e-5, 2e-6].map((step) => {
      const spikes = onGrid(step);
      const errors: number[] = [];
      for (let neuron = 0; neuron < 12; neuron++) {
        const [actual, expected] = [spikes, truth].map((all) => all.filter(([, i]) => i === neuron).map(([t]) => t));
        expect(actual).toHaveLength(expected!.length);
        errors.push(...actual!.map((time, k) => Math.abs(time - expected![k]!)));
      }
      // Of a membrane that hardly crosses, the error is larger; so the middle is what tells.
      errors.sort((a, b) => a - b);
      return { largest: errors.at(-1)!, middle: errors[errors.length >> 1]! };
    });
    expect(coarse!.largest).toBeLessThan(1e-3);
    expect(fine!.largest).toBeLessThan(coarse!.largest);
    expect(fine!.middle).toBeLessThanOrEqual(0.3 * coarse!.middle);
  });
});

describe('whatever the rate, time goes on', () => {
  it.each([
    ['a current far above the threshold', { type: 'LIF', tau: 0.01, v_threshold: 1 }, { bias: 1e18 }],
    ['a time constant far below the step', { type: 'LIF', tau: 1e-6, v_threshold: 1 }, { bias: 2 }],
    [
      'an event far above the threshold',
      { type: 'CubaLIF', tau_syn: 0.01, tau_mem: 0.02, v_threshold: 1 },
      { weight: 1e18 },
    ],
  ])('with %s: at most 1024 spikes a step', (_case, cell, options) => {
    const times = spikeTimes(single(cell, options), 9 * dt, [0]);
    expect(times.length).toBeGreaterThan(1024);
    expect(times.length).toBeLessThanOrEqual(9 * 1024 + 1);
  });

  it('an event that lifts by 10¹⁵ thresholds is as many spikes at once, of one emission', () => {
    const model = single({ type: 'IF', r: 1 / dt, v_threshold: 1, semantics: { reset: 'subtract' } }, { weight: 1e15 });
    const net = new TimedNetwork(model);
    const output = new TimedEventBuffer(10);
    net.runEvents(0.01, eventsAt(net, [0.005]), output);
    expect([output.length, output.value[0], net.counters.spikes]).toEqual([1, 1e15, 1e15]);
    expect(net.readState('cell', 'v')[0]).toBe(0);
  });
});

describe('TimedNetwork', () => {
  it('takes an event at any moment from the end of the last run to before the end of this', () => {
    const model = single({ type: 'IF', r: 1 / dt, v_threshold: 0.5 }, { step: 0.003, weight: 3 });
    const after = new Float64Array(1);
    for (let k = 1; k < 500; k++) {
      const time = (k * 0.0137) / 7;
      after[0] = time;
      new BigInt64Array(after.buffer)[0]! += 1n;
      let net = new TimedNetwork(model);
      const output = new TimedEventBuffer(10);
      net.runEvents(time, eventsAt(net, []), output);
      const resumed = new TimedNetwork(model);
      resumed.restore(net.save());
      net = resumed;
      expect(net.time).toBe(time);
      net.runEvents(after[0], eventsAt(net, [time]), output);
      net.runEvents(1 + time, eventsAt(net, []), output);
      expect(output.length, `at ${time} s`).toBe(1);
    }
  });

  it.each([
    ['an edge', { type: 'Delay', delay: 0.002 }],
    ['elements with delays of their own', { type: 'Delay', delay: [0.002, 0.001] }],
  ])('counts what finds no room on its way through %s', (_case, delay) => {
    const model = parseModel({
      nodes: { in: { type: 'Input', shape: [2] }, delay, out: { type: 'Output', shape: [2] } },
      edges: [
        ['in', 'delay'],
        ['delay', 'out'],
      ],
      semantics: { dt },
    });
    const run = (events: number) => {
      const net = new TimedNetwork(model);
      const output = new TimedEventBuffer(2 * events);
      net.runEvents(
        0.1,
        eventsAt(
          net,
          Array.from({ length: events }, (_, k) => 0.01 + 1e-9 * k),
        ),
        output,
      );
      return { came: output.length, dropped: net.dropped, state: net.save() };
    };
    expect(run(1000)).toMatchObject({ came: 1000, dropped: 0 });
    const { came, dropped, state } = run(10_000);
    expect(dropped).toBeGreaterThan(0);
    expect(came + dropped).toBe(10_000);
    const resumed = new TimedNetwork(model);
    resumed.restore(state);
    expect(resumed.dropped).toBe(dropped);
  });

  it('gives the same in one run as in many, and continues from a saved state', () => {
    const model = recurrent('CubaLIF', dt);
    const times = [0.0041234, 0.0091, 0.0130001, 0.05, 0.0500001];
    const [whole, pieces] = [new TimedNetwork(model), new TimedNetwork(model)];
    const [once, often] = [new TimedEventBuffer(10_000), new TimedEventBuffer(10_000)];
    whole.runEvents(0.1, eventsAt(whole, times), once);
    let net = pieces;
    for (const [from, to] of [
      [0, 0.0091],
      [0.0091, 0.03],
      [0.03, 0.1],
    ] as const) {
      net.runEvents(
        to,
        eventsAt(
          net,
          times.filter((time) => time >= from && time < to),
        ),
        often,
      );
      const resumed = new TimedNetwork(model);
      resumed.restore(net.save());
      net = resumed;
    }
    expect(often.length).toBe(once.length);
    expect(often.index).toEqual(once.index);
    expectTimes([...often.time], [...once.time], 1e-12);
    expect(net.counters.spikes).toBe(whole.counters.spikes);
  });

  it('hands on the state of a read-out at the end of each run', () => {
    const model = single({ type: 'LI', tau: 0.01 }, { weight: 1 / (1 - Math.exp(-dt / 0.01)) });
    const net = new TimedNetwork(model);
    const output = new TimedEventBuffer(4);
    net.runEvents(0.02, eventsAt(net, [0.0125]), output);
    net.runEvents(0.03, eventsAt(net, []), output);
    expectTimes([...output.time.subarray(0, output.length)], [0.02, 0.03], 1e-12);
    expectTimes([...output.value.subarray(0, 2)], [Math.exp(-0.75), Math.exp(-1.75)], 1e-12);
  });

  it.each([
    [
      'an event before the present',
      [0.004],
      0.02,
      /event 0 into "in": is at 0.004 s; expected 0.01 s to before 0.02 s/,
    ],
    ['events out of order', [0.015, 0.012], 0.02, /event 1 into "in": is at 0.012 s/],
    ['an event after the end', [0.02], 0.02, /event 0 into "in": is at 0.02 s/],
    ['an end in the past', [], 0.005, /end of the run: is 0.005 s/],
    ['an end that is none', [], Number.NaN, /end of the run: is NaN s/],
  ])('refuses %s before anything runs', (_case, times, until, message) => {
    const net = new TimedNetwork(single({ type: 'LIF', tau: 0.01, v_threshold: 1 }));
    const output = new TimedEventBuffer(1);
    net.runEvents(0.01, eventsAt(net, []), output);
    expect(() => net.runEvents(until, eventsAt(net, times), output)).toThrow(message);
    expect(net.time).toBeCloseTo(0.01, 12);
  });

  it('names the node that needs steps, and why', () => {
    const refusal = (model: Model) => {
      try {
        return new TimedNetwork(model) && undefined;
      } catch (error) {
        return error as SpikewireError;
      }
    };
    const endless = refusal(single({ type: 'LIF', tau: 0.01, v_threshold: 1, v_reset: 1 }));
    expect(endless).toBeInstanceOf(SpikewireError);
    expect(endless).toMatchObject({ code: 'unsupported', message: expect.stringContaining('node "cell" (LIF)') });
    const floor = refusal(single({ type: 'CubaLIF', tau_syn: 0.01, tau_mem: 0.02, v_threshold: 1, v_min: -1 }));
    expect(floor?.message).toMatch(/node "cell" \(CubaLIF\): has a v_min behind a synaptic current/);
    const pool = { type: 'MaxPool1d', kernel_size: 1, stride: 1 };
    const biased = parseModel({
      nodes: {
        in: { type: 'Input', shape: [1, 1] },
        conv: { type: 'Conv1d', weight: [[[1]]], bias: [1] },
        pool,
        cell: { type: 'IF', v_threshold: 1 },
      },
      edges: [
        ['in', 'conv'],
        ['conv', 'pool'],
        ['pool', 'cell'],
      ],
    });
    expect(refusal(biased)?.message).toMatch(/node "pool" \(MaxPool1d\): gets a bias all the time/);
  });
});
