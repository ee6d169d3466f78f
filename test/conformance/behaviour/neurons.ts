import { parseModel } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { chain } from '../../chain.ts';
import type { EngineUnderTest } from '../engine-under-test.ts';
import { follow, play, stepsOf } from '../play.ts';

const dt = 0.001;

/** One Input into a population through one weight per neuron, and a constant current. */
function population(
  node: Readonly<Record<string, unknown>>,
  { weight = [1], bias = [0], semantics = {} }: { weight?: number[]; bias?: number[]; semantics?: object } = {},
) {
  return parseModel({
    nodes: {
      in: { type: 'Input', shape: [1] },
      drive: { type: 'Affine', weight: weight.map((w) => [w]), bias },
      cell: node,
      out: { type: 'Output', shape: [weight.length] },
    },
    edges: chain('in', 'drive', 'cell', 'out'),
    semantics: { dt, ...semantics },
  });
}

/** Integrates what arrives as it is: dt·R = 1. */
const counter = { type: 'IF', r: 1 / dt, v_threshold: 1, v_reset: 0 };

function everyStep(steps: number): number[][] {
  return Array.from({ length: steps }, (_, step) => [step, 0]);
}

/**
 * At any time the count of spikes is within one of r·t; whole steps lengthen an interval by half a step, so runs are
 * short.
 */
function expectRate(spikes: readonly number[], rate: number, step: number, steps: number): void {
  for (let t = 0, count = 0; t < steps; t++) {
    while (count < spikes.length && spikes[count]! <= t) count++;
    expect(Math.abs(count - rate * (t + 1) * step), `${count} spikes up to step ${t}`).toBeLessThanOrEqual(1);
  }
}

export function describeNeurons({ load, tolerance }: EngineUnderTest): void {
  const close = (value: number, scale = 1) => expect.closeTo(value, -Math.log10(2 * tolerance.membrane * scale));

  describe('neurons', () => {
    it('LIF follows its f–I curve: r = 1/(τ_ref + τ·ln(J/(J − 1)))', () => {
      const currents = [1.2, 1.5, 2, 4];
      const [tau, rest, fine, steps] = [0.02, 0.002, 0.0001, 2500];
      const node = { type: 'LIF', tau, v_threshold: 1, tau_ref: rest };
      const semantics = { dt: fine, integrate: 'exact' };
      const net = load(population(node, { weight: [1, 1, 1, 1], bias: currents, semantics }));
      const { cell } = play(net, steps);
      currents.forEach((current, i) => {
        const spikes = cell!.filter(([, index]) => index === i).map(([step]) => step);
        expectRate(spikes, 1 / (rest + tau * Math.log(current / (current - 1))), fine, steps);
      });
    });

    it('LIF is silent at a current below its threshold', () => {
      const net = load(population({ type: 'LIF', tau: 0.01, v_threshold: 1 }, { bias: [0.98] }));
      expect(play(net, 500).cell).toEqual([]);
    });

    it('IF spikes R·I/θ times per second', () => {
      const net = load(
        population({ ...counter, r: 100, v_threshold: 0.7019 }, { bias: [0.3], semantics: { reset: 'subtract' } }),
      );
      // No multiple of 0.03 a step is a multiple of 0.7019 within the run: ties belong to the tests of ties.
      expectRate(stepsOf(play(net, 1000).cell), (100 * 0.3) / 0.7019, dt, 1000);
    });

    it('rests for the refractory steps, holds its membrane and loses what arrives', () => {
      const net = load(population({ ...counter, v_reset: 0.25, tau_ref: 3 * dt }, { weight: [1.5] }));
      const stimulus = { in: everyStep(10) };
      expect(stepsOf(play(net, 10, stimulus).cell)).toEqual([0, 4, 8]);
      net.resetActivity();
      const membrane = follow(net, 5, stimulus, 'cell');
      expect(membrane).toEqual([0.25, 0.25, 0.25, 0.25, 0.25].map((v) => close(v)));
    });

    it.each([
      ['value', 0, 0],
      ['value', 0.25, 0.25],
      ['subtract', 0, 0.5],
      ['subtract', 0.25, 0.75],
    ])('after a spike at v = 1.5, reset by %s to %d leaves %d', (reset, v_reset, left) => {
      const net = load(population({ ...counter, v_reset }, { weight: [1.5], semantics: { reset } }));
      expect(play(net, 1, { in: [[0, 0]] }).cell).toEqual([[0, 0, 1]]);
      expect(net.readState('cell', 'v')[0]).toEqual(close(left));
    });

    it.each([
      ['gt', [2, 5]],
      ['ge', [1, 3, 5]],
    ])('at a tie v = θ, %s spikes in steps %j', (threshold, steps) => {
      const net = load(population(counter, { weight: [0.5], semantics: { threshold } }));
      expect(stepsOf(play(net, 6, { in: everyStep(6) }).cell)).toEqual(steps);
    });

    it.each([
      ['gt', 3.5, 3, 0.5],
      ['ge', 3.5, 3, 0.5],
      ['gt', 4, 3, 1],
      ['ge', 4, 4, 0],
    ])('with many spikes per step, %s and v = %d emits %d and leaves %d', (threshold, weight, spikes, left) => {
      const semantics = { threshold, reset: 'subtract', spikesPerStep: 'many' };
      const net = load(population(counter, { weight: [weight], semantics }));
      const { cell, out } = play(net, 1, { in: [[0, 0]] });
      expect(cell).toEqual([[0, 0, spikes]]);
      expect(out).toEqual(cell);
      expect(net.readState('cell', 'v')[0]).toEqual(close(left, weight));
    });

    it('never falls below v_min', () => {
      const net = load(population({ ...counter, v_min: -0.5 }, { weight: [-0.75] }));
      expect(follow(net, 3, { in: everyStep(3) }, 'cell')).toEqual([-0.5, -0.5, -0.5].map((v) => close(v)));
    });

    it('starts at v_leak, or at v_initial where that is given', () => {
      const rest = { type: 'LIF', tau: 0.02, v_leak: 0.5, v_threshold: 1 };
      expect(follow(load(population(rest)), 1, {}, 'cell')[0]).toEqual(close(0.5));
      const away = load(population({ ...rest, v_initial: 0.75 }));
      expect(follow(away, 1, {}, 'cell')[0]).toEqual(close(0.5 + 0.25 * (1 - dt / 0.02)));
    });

    it.each([
      ['euler', 1 - dt / 0.008],
      ['exact', Math.exp(-dt / 0.008)],
    ])('LIF decays by %s as its equation says', (integrate, factor) => {
      const node = { type: 'LIF', tau: 0.008, v_initial: 0.9, v_threshold: 1 };
      const membrane = follow(load(population(node, { semantics: { integrate } })), 20, {}, 'cell');
      expect(membrane).toEqual(membrane.map((_, step) => close(0.9 * factor ** (step + 1))));
    });

    it.each(['LI', 'Lowpass'])('%s emits its state after the update', (type) => {
      const net = load(population({ type, tau: 0.004 }));
      const { out } = play(net, 3, { in: [[1, 0]] });
      expect(out!.map(([step, index]) => [step, index])).toEqual([
        [1, 0],
        [2, 0],
      ]);
      for (const [step, , value] of out!)
        expect(Math.abs(value - 0.25 * 0.75 ** (step - 1))).toBeLessThanOrEqual(tolerance.readOut);
    });
  });
}
