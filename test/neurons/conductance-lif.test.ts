import { parseModel, RandomGenerator } from '@spikewire/models';
import { engineNamed, simulate } from 'spikewire';
import { describe, expect, it } from 'vitest';
import { drive } from './drive.ts';

/** Excitatory cell of Diehl & Cook (2015), mV and s. */
const cell = {
  tau: 0.1,
  v_leak: -65,
  tau_e: 0.001,
  tau_i: 0.002,
  e_e: 0,
  e_i: -100,
  v_threshold: 1e6,
  v_reset: -65,
};

/** A train of both kinds of arrivals at multiples of 1 ms. */
const excited = (ms: number) => (ms % 7 === 0 ? 1.3 : 0);
const inhibited = (ms: number) => (ms % 11 === 3 ? 0.9 : 0);

/** The membrane by Runge–Kutta in steps of 1 µs, with conductances as closed sums of exponentials. */
function integrateApart(ms: number): number {
  const h = 0.001;
  let [v, e, i] = [cell.v_leak, 0, 0];
  const slope = (x: number, s: number) => {
    const [ge, gi] = [e * Math.exp(-s / 1), i * Math.exp(-s / 2)];
    return (-65 - x + ge * (0 - x) + gi * (-100 - x)) / 100;
  };
  for (let t = 0; t < ms; t++) {
    e += excited(t);
    i += inhibited(t);
    for (let k = 0; k < 1000; k++) {
      const s = k * h;
      const a = slope(v, s);
      const b = slope(v + (h / 2) * a, s + h / 2);
      const c = slope(v + (h / 2) * b, s + h / 2);
      v += (h / 6) * (a + 2 * b + 2 * c + slope(v + h * c, s + h));
    }
    e *= Math.exp(-1);
    i *= Math.exp(-1 / 2);
  }
  return v;
}

function membrane(integrate: 'euler' | 'exact' | 'rk4', dt: number, ms: number): number {
  const perMs = Math.round(0.001 / dt);
  const arriving = (t: number) => (t % perMs === 0 ? [excited(t / perMs), inhibited(t / perMs)] : [0, 0]);
  return drive('ConductanceLIF', cell, { dt, integrate }, ms * perMs, arriving).v.at(-1)!;
}

describe('ConductanceLIF', () => {
  const truth = integrateApart(200);

  it('rk4 equals an integration in steps of 1 µs, to the fourth order', () => {
    expect(truth).toBeGreaterThan(cell.v_leak + 3);
    const errors = [2.5e-4, 1.25e-4].map((dt) => Math.abs(membrane('rk4', dt, 200) - truth));
    expect(errors[0]).toBeLessThan(1e-4);
    expect(errors[0]! / errors[1]!).toBeGreaterThan(12);
  });

  it.each(['euler', 'exact'] as const)('%s comes to it as dt falls, to the first order', (integrate) => {
    const errors = [1e-4, 5e-5].map((dt) => Math.abs(membrane(integrate, dt, 200) - truth));
    expect(errors[0]).toBeLessThan(0.5);
    expect(errors[0]! / errors[1]!).toBeGreaterThan(1.8);
    expect(errors[0]! / errors[1]!).toBeLessThan(2.2);
  });

  it('fires with steady conductances as the formula says', () => {
    const [dt, rest, ge, gi] = [1e-5, 0.005, 1.5, 0.4];
    const theta = -52;
    // Arrivals make up for what a step lets decay.
    const steady = (g: number, tau: number, t: number) => (t === 0 ? g : g * (1 - Math.exp(-dt / tau)));
    const values = { ...cell, v_threshold: theta, tau_ref: rest };
    const { spikes } = drive('ConductanceLIF', values, { dt, integrate: 'exact' }, 100_000, (t) => [
      steady(ge, cell.tau_e, t),
      steady(gi, cell.tau_i, t),
    ]);
    const settled = (-65 + gi * -100) / (1 + ge + gi);
    const interval = rest + (cell.tau / (1 + ge + gi)) * Math.log((settled - cell.v_reset) / (settled - theta));
    const measured = ((spikes.at(-1)! - spikes[0]!) / (spikes.length - 1)) * dt;
    expect(spikes.length).toBeGreaterThan(10);
    expect(Math.abs(measured - interval)).toBeLessThan(dt);
  });
});

describe('ConductanceLIF as in Diehl & Cook', () => {
  const [inputs, cells, steps, dtMs] = [30, 12, 4000, 0.5];
  const random = new RandomGenerator(7, 'diehl & cook');
  const weights = Array.from({ length: inputs }, () => Array.from({ length: cells }, () => 0.9 * random.nextUniform()));
  const events = Array.from({ length: steps }, () =>
    Array.from({ length: inputs }, (_, index) => index).filter(() => random.nextUniform() < 0.03),
  );

  /**
   * The two populations in loops as a simulator of this network writes them, in ms and mV: all cells move with what
   * arrived up to the step before, then spikes are found, then what this step brings is added. A refractory time of 5
   * ms holds nine steps of 0.5 ms.
   */
  function simulateApart(): [number, number][] {
    const zeros = () => new Float64Array(cells);
    const e = { v: zeros().fill(-65), ge: zeros(), gi: zeros(), theta: zeros().fill(20), free: zeros() };
    const h = { v: zeros().fill(-60), ge: zeros(), free: zeros() };
    const spikes: [number, number][] = [];
    for (let step = 0; step < steps; step++) {
      for (let j = 0; j < cells; j++) {
        const [v, ge, gi, u, he] = [e.v[j]!, e.ge[j]!, e.gi[j]!, h.v[j]!, h.ge[j]!];
        if (step >= e.free[j]!) e.v[j] = v + (dtMs / 100) * (-65 - v - ge * v + gi * (-100 - v));
        e.ge[j] = ge - (dtMs / 1) * ge;
        e.gi[j] = gi - (dtMs / 2) * gi;
        e.theta[j]! -= (dtMs / 1e7) * e.theta[j]!;
        if (step >= h.free[j]!) h.v[j] = u + (dtMs / 10) * (-60 - u - he * u);
        h.ge[j] = he - (dtMs / 1) * he;
      }
      const fired = [...e.v.keys()].filter((j) => e.v[j]! > e.theta[j]! - 72 && step >= e.free[j]!);
      const inhibited = [...h.v.keys()].filter((j) => h.v[j]! > -40 && step >= h.free[j]!);
      for (const i of events[step]!) for (let j = 0; j < cells; j++) e.ge[j]! += weights[i]![j]!;
      for (const j of fired) {
        h.ge[j]! += 10.4;
        e.v[j] = -65;
        e.theta[j]! += 0.05;
        e.free[j] = step + 10;
        spikes.push([step, j]);
      }
      for (const j of inhibited) {
        for (let m = 0; m < cells; m++) if (m !== j) e.gi[m]! += 17;
        h.v[j] = -45;
        h.free[j] = step + 4;
      }
    }
    return spikes;
  }

  const model = parseModel({
    nodes: {
      in: { type: 'Input', shape: [inputs] },
      fc: { type: 'Linear', weight: weights[0]!.map((_, j) => weights.map((row) => row[j]!)) },
      e: {
        type: 'ConductanceLIF',
        tau: 0.1,
        v_leak: -65,
        tau_e: 0.001,
        tau_i: 0.002,
        e_e: 0,
        e_i: -100,
        v_threshold: -72,
        v_reset: -65,
        tau_ref: 0.0045,
        theta_plus: 0.05,
        tau_theta: 1e4,
        theta_initial: 20,
      },
      excite: { type: 'Scale', scale: 10.4 },
      h: {
        type: 'ConductanceLIF',
        tau: 0.01,
        v_leak: -60,
        tau_e: 0.001,
        tau_i: 0.002,
        e_e: 0,
        e_i: -85,
        v_threshold: -40,
        v_reset: -45,
        tau_ref: 0.0015,
      },
      inhibit: {
        type: 'Linear',
        weight: Array.from({ length: cells }, (_, m) => Array.from({ length: cells }, (_, j) => (m === j ? 0 : 17))),
      },
    },
    // What arrives in a step moves the membrane in the next one.
    edges: [
      ['in', 'fc'],
      ['fc', 'e', { delay: 1, port: 'excitatory' }],
      ['e', 'excite'],
      ['excite', 'h', { delay: 1, port: 'excitatory' }],
      ['h', 'inhibit'],
      ['inhibit', 'e', { delay: 1, port: 'inhibitory' }],
    ],
    semantics: { dt: dtMs / 1000, integrate: 'euler' },
  });
  const input = { dt: dtMs / 1000, steps, input: { in: events.flatMap((now, step) => now.map((i) => [step, i])) } };

  it.each(['reference', 'clocked'])('spikes as loops do that were written for it, on the engine %s', (name) => {
    const truth = simulateApart();
    expect(truth.length).toBeGreaterThan(50);
    const { spikes } = simulate(model, input, { engine: engineNamed(name), record: [{ what: 'spikes', node: 'e' }] });
    expect(spikes.e).toEqual(truth);
  });
});
