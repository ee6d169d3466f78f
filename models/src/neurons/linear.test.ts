import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GraphNode } from '../graph/graph.ts';
import type { NeuronKind } from '../graph/kind.ts';
import { defaultSemantics } from '../graph/semantics.ts';
import { scalar } from '../tensor.ts';
import { integrateAndFire } from './if.ts';
import { leakyIntegrator } from './li.ts';
import { lif } from './lif.ts';
import { lowpass } from './lowpass.ts';

const dt = 0.001;

function nodeOf(kind: NeuronKind, values: Readonly<Record<string, number>>): GraphNode {
  const names = Object.keys(values).filter((key) => Object.hasOwn(kind.parameters, key));
  return { type: kind.type, parameters: Object.fromEntries(names.map((key) => [key, scalar(values[key]!)])) };
}

const numbers = fc.record({
  tau: fc.double({ min: 0.002, max: 0.5, noNaN: true }),
  r: fc.double({ min: -50, max: 50, noNaN: true }),
  v_leak: fc.double({ min: -2, max: 2, noNaN: true }),
  v_initial: fc.double({ min: -2, max: 2, noNaN: true }),
  v_threshold: fc.constant(1e6),
});

describe.each([integrateAndFire, lif, leakyIntegrator, lowpass])('$type', (kind) => {
  it.each(['euler', 'exact'] as const)('is v ← decay·v + gain·x + bias, as its equation (%s) gives it', (integrate) => {
    fc.assert(
      fc.property(
        numbers,
        fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { maxLength: 20 }),
        (values, inputs) => {
          const node = nodeOf(kind, values);
          const semantics = { ...defaultSemantics, dt, integrate };
          const { initial, step } = kind.prepare(node, 1, semantics);
          const { decay, gain, bias, initial: start } = kind.linear!(node, 1, semantics);
          const state = { v: initial.v!.slice(), refractory: new Float64Array(1) };
          let v = start.v![0]!;
          for (const input of inputs) {
            step(0, [Float64Array.of(input)], state);
            v = decay[0]! * v + gain[0]! * input + bias[0]!;
            expect(state.v[0]).toBeCloseTo(v, 8);
          }
        },
      ),
    );
  });
});

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
