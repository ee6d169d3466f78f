import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GraphNode } from '../graph/graph.ts';
import { defaultSemantics } from '../graph/semantics.ts';
import { scalar } from '../tensor.ts';
import { cubaIntegrator } from './cuba-li.ts';
import { cubaLif } from './cuba-lif.ts';
import { integrateAndFire } from './if.ts';
import { integrator } from './integrator.ts';
import { leakyIntegrator } from './li.ts';
import { lif } from './lif.ts';
import { lowpass } from './lowpass.ts';
import type { NeuronKind } from './neuron-kind.ts';
import { threshold } from './threshold.ts';

const dt = 0.001;

function nodeOf(kind: NeuronKind, values: Readonly<Record<string, number>>): GraphNode {
  const names = Object.keys(values).filter((key) => Object.hasOwn(kind.parameters, key));
  return { type: kind.type, parameters: Object.fromEntries(names.map((key) => [key, scalar(values[key]!)])) };
}

const numbers = fc.record({
  tau: fc.double({ min: 0.002, max: 0.5, noNaN: true }),
  tau_mem: fc.double({ min: 0.002, max: 0.5, noNaN: true }),
  tau_syn: fc.double({ min: 0.002, max: 0.5, noNaN: true }),
  w_in: fc.double({ min: -2, max: 2, noNaN: true }),
  i_initial: fc.double({ min: -2, max: 2, noNaN: true }),
  r: fc.double({ min: -50, max: 50, noNaN: true }),
  v_leak: fc.double({ min: -2, max: 2, noNaN: true }),
  v_initial: fc.double({ min: -2, max: 2, noNaN: true }),
  v_threshold: fc.constant(1e6),
});

describe.each([integrateAndFire, lif, cubaLif, integrator, leakyIntegrator, lowpass, cubaIntegrator])(
  '$type',
  (kind) => {
    it.each(['euler', 'exact'] as const)(
      'is v ← decay·v + gain·x + bias, behind a current or not, as its equation (%s) gives it',
      (integrate) => {
        fc.assert(
          fc.property(
            numbers,
            fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { maxLength: 20 }),
            (values, inputs) => {
              const node = nodeOf(kind, values);
              const semantics = { ...defaultSemantics, dt, integrate };
              const { initial, step } = kind.prepare(node, 1, semantics);
              const { decay, gain, bias, current, initial: start } = kind.linear!(node, 1, semantics);
              const state = Object.fromEntries(Object.entries(initial).map(([name, values]) => [name, values.slice()]));
              let v = start.v![0]!;
              let j = start.i?.[0] ?? 0;
              for (const input of inputs) {
                step(0, [Float64Array.of(input)], state);
                j = current === undefined ? input : current.decay[0]! * j + current.gain[0]! * input;
                v = decay[0]! * v + gain[0]! * j + bias[0]!;
                expect(state.v![0]).toBeCloseTo(v, 8);
              }
            },
          ),
        );
      },
    );
  },
);

describe('a leaky membrane', () => {
  it('comes to v_leak + R·I, having covered 1 − 1/e of the way after τ', () => {
    const node = nodeOf(lif, { tau: 0.05, r: 3, v_leak: -0.5, v_threshold: 1e6 });
    const { initial, step } = lif.prepare(node, 1, { ...defaultSemantics, dt, integrate: 'exact' });
    const state = { v: initial.v!.slice(), refractory: new Float64Array(1) };
    const membrane = Array.from({ length: 1000 }, () => {
      step(0, [Float64Array.of(0.8)], state);
      return state.v[0]!;
    });
    expect(membrane[49]).toBeCloseTo(-0.5 + 2.4 * (1 - Math.exp(-1)), 10);
    expect(membrane[999]).toBeCloseTo(-0.5 + 2.4, 7);
  });

  it('starts at v_leak where v_initial is absent', () => {
    const node = nodeOf(leakyIntegrator, { tau: 0.05, v_leak: -0.5 });
    expect(leakyIntegrator.prepare(node, 2, defaultSemantics).initial.v).toEqual(Float64Array.of(-0.5, -0.5));
  });
});

describe('a membrane behind an exponential synapse', () => {
  const node = nodeOf(cubaIntegrator, { tau_syn: 0.01, tau_mem: 0.04, r: 3, w_in: 0.5, v_leak: -1 });

  /** Membrane and current at the end of each step. */
  function courseOf(integrate: 'euler' | 'exact', dt: number, steps: number, arriving: (step: number) => number) {
    const { initial, step } = cubaIntegrator.prepare(node, 1, { ...defaultSemantics, dt, integrate });
    const state = { v: initial.v!.slice(), i: initial.i!.slice() };
    return Array.from({ length: steps }, (_, t) => {
      step(0, [Float64Array.of(arriving(t))], state);
      return [state.v[0]!, state.i[0]!] as const;
    });
  }

  it('comes to v_leak + R·w_in·x, its current to w_in·x', () => {
    for (const integrate of ['euler', 'exact'] as const) {
      const [v, i] = courseOf(integrate, 0.001, 2000, () => 0.8).at(-1)!;
      expect(v).toBeCloseTo(-1 + 3 * 0.5 * 0.8, 9);
      expect(i).toBeCloseTo(0.4, 9);
    }
  });

  it('answers a pulse with the difference of two exponentials, to the order of dt', () => {
    const charge = 0.02;
    const errors = [1e-4, 5e-5].map((fine) => {
      const course = courseOf('exact', fine, Math.round(0.1 / fine), (t) => (t === 0 ? charge / fine : 0));
      return course.reduce((most, [v], t) => {
        const s = (t + 1) * fine;
        const difference = Math.exp(-s / 0.04) - Math.exp(-s / 0.01);
        return Math.max(most, Math.abs(v + 1 - ((3 * 0.5 * charge) / (0.04 - 0.01)) * difference));
      }, 0);
    });
    expect(errors[0]).toBeLessThan(0.01);
    expect(errors[0]! / errors[1]!).toBeGreaterThan(1.9);
  });

  it('goes on in the current and rests in the membrane after a spike', () => {
    const values = { tau_syn: 0.01, tau_mem: 0.01, v_threshold: 0.1, v_reset: 0.05, tau_ref: 0.003, w_in: 5 };
    const { initial, step } = cubaLif.prepare(nodeOf(cubaLif, values), 1, {
      ...defaultSemantics,
      dt,
      integrate: 'exact',
    });
    const state = Object.fromEntries(Object.entries(initial).map(([name, start]) => [name, start.slice()]));
    const spikes = Array.from({ length: 5 }, (_, t) => step(0, [Float64Array.of(t === 0 || t === 2 ? 10 : 0)], state));
    expect(spikes).toEqual([1, 0, 0, 0, 1]);
    const arrived = 50 * -Math.expm1(-dt / 0.01);
    expect(state.i![0]).toBeCloseTo(arrived * (Math.exp(-4 * 0.1) + Math.exp(-2 * 0.1)), 10);
  });
});

describe('Threshold', () => {
  it.each([
    ['gt', [0, 0, 1, 0]],
    ['ge', [0, 1, 1, 0]],
  ] as const)('with %s compares what arrives and remembers nothing', (comparison, expected) => {
    const node = nodeOf(threshold, { threshold: 0.5 });
    const { initial, step } = threshold.prepare(node, 1, { ...defaultSemantics, threshold: comparison });
    const state = { v: initial.v!.slice() };
    expect([0.4, 0.5, 3, 0.4].map((value) => step(0, [Float64Array.of(value)], state))).toEqual(expected);
  });
});
