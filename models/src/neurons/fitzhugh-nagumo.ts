import { elementsOf } from '../graph/parameter.ts';
import type { ParameterTable } from '../parameters/declaration.ts';
import type { NeuronKind } from './neuron-kind.ts';
import { advanceBy } from './ode.ts';

const parameters = {
  a: { doc: 'offset of the recovery', form: 'elements', default: 0.7 },
  b: { doc: 'decay of the recovery, in units of ε', form: 'elements', default: 0.8 },
  epsilon: { doc: 'rate ε of the recovery', unit: '1/ms', form: 'elements', default: 0.08, minimum: 0 },
  v_threshold: { doc: 'membrane whose upward crossing is a spike', form: 'elements', default: 0 },
  v_initial: { doc: 'membrane at the start', form: 'elements', default: 0 },
  w_initial: { doc: 'recovery at the start', form: 'elements', default: 0 },
} as const satisfies ParameterTable;

/**
 * FitzHugh–Nagumo oscillator (FitzHugh 1961, Biophys. J. 1:445; Nagumo et al. 1962), without unit, time in ms:
 * dv/dt = v − v³/3 − w + I, dw/dt = ε·(v + a − b·w). A spike where v crosses v_threshold upward; nothing is reset.
 */
export const fitzHughNagumo: NeuronKind = {
  type: 'FitzHughNagumo',
  role: 'neuron',
  examples: [
    { node: { v_threshold: 0.5 }, dt: 2e-4, weight: 2, bias: 0.5 },
    { node: { v_threshold: 0.5, semantics: { integrate: 'rk4' } }, dt: 2e-4, weight: 2, bias: 0.5 },
  ],
  emits: 'spikes',
  fixed: { threshold: 'gt', reset: 'value', spikesPerStep: 'one' },
  integrates: ['euler', 'rk4'],
  longestStep: 0.0005,
  parameters,

  prepare(node, size, { dt, integrate }) {
    const { a, b, epsilon, v_threshold: threshold, v_initial, w_initial } = elementsOf(node, size, parameters);
    const slopes = (i: number, at: Float64Array, slope: Float64Array) => {
      const v = at[0]!;
      slope[0] = v - (v * v * v) / 3 - at[1]! + at[2]!;
      slope[1] = epsilon[i]! * (v + a[i]! - b[i]! * at[1]!);
    };
    const { advance, constants } = advanceBy(slopes, 2, 1000 * dt, integrate);
    const at = new Float64Array(3);
    return {
      initial: { v: v_initial, w: w_initial },
      constants: [...constants, a, b, epsilon, threshold, at],
      step(i, inputs, state) {
        const v = state.v!;
        const w = state.w!;
        at[0] = v[i]!;
        at[1] = w[i]!;
        at[2] = inputs[0]![i]!;
        const wasBelow = at[0]! <= threshold[i]!;
        advance(i, at);
        v[i] = at[0]!;
        w[i] = at[1]!;
        return wasBelow && v[i]! > threshold[i]! ? 1 : 0;
      },
    };
  },
};
