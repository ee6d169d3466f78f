import { elementsOf } from '../graph/parameter.ts';
import type { ParameterTable } from '../parameters/declaration.ts';
import type { NeuronKind } from './neuron-kind.ts';
import { advanceBy } from './ode.ts';

const parameters = {
  a: { doc: 'rate of recovery', unit: '1/ms', form: 'elements', default: 0.02 },
  b: { doc: 'sensitivity of the recovery to v', form: 'elements', default: 0.2 },
  c: { doc: 'membrane after a spike', unit: 'mV', form: 'elements', default: -65 },
  d: { doc: 'rise of the recovery at a spike', form: 'elements', default: 8 },
  v_peak: { doc: 'membrane at which a spike is cut off', unit: 'mV', form: 'elements', default: 30 },
  v_initial: { doc: 'membrane at the start; it rests near −70', unit: 'mV', form: 'elements', default: 0 },
  u_initial: { doc: 'recovery at the start', form: 'elements', default: 0 },
} as const satisfies ParameterTable;

/**
 * Simple model of spiking neurons (Izhikevich 2003, IEEE Trans. Neural Networks 14:1569, eq. 1–3), in mV and ms:
 * dv/dt = 0.04·v² + 5·v + 140 − u + I, du/dt = a·(b·v − u); where v ≥ v_peak a spike, v ← c, u ← u + d. The defaults
 * are its regular spiking cell, which rests at v = −70, u = −14; it starts at 0 and 0 unless told otherwise. Within a
 * step of Runge–Kutta the slopes are those of at most v_peak, where the spike ends the equations.
 */
export const izhikevich: NeuronKind = {
  type: 'Izhikevich',
  role: 'neuron',
  examples: [
    { node: { v_initial: -70, u_initial: -14 }, dt: 2e-4, weight: 60, bias: 4 },
    {
      node: { a: 0.1, d: 2, v_initial: -70, u_initial: -14, semantics: { integrate: 'rk4' } },
      dt: 2e-4,
      weight: 60,
      bias: 4,
    },
  ],
  emits: 'spikes',
  fixed: { threshold: 'ge', reset: 'value', spikesPerStep: 'one' },
  integrates: ['euler', 'rk4'],
  longestStep: 0.001,
  parameters,

  prepare(node, size, { dt, integrate }) {
    const { a, b, c, d, v_peak: peak, v_initial, u_initial } = elementsOf(node, size, parameters);
    const slopes = (i: number, at: Float64Array, slope: Float64Array) => {
      const v = Math.min(at[0]!, peak[i]!);
      slope[0] = 0.04 * v * v + 5 * v + 140 - at[1]! + at[2]!;
      slope[1] = a[i]! * (b[i]! * v - at[1]!);
    };
    const { advance, constants } = advanceBy(slopes, 2, 1000 * dt, integrate);
    const at = new Float64Array(3);
    return {
      initial: { v: v_initial, u: u_initial },
      constants: [...constants, a, b, c, d, peak, at],
      step(i, inputs, state) {
        const v = state.v!;
        const u = state.u!;
        at[0] = v[i]!;
        at[1] = u[i]!;
        at[2] = inputs[0]![i]!;
        advance(i, at);
        const spikes = at[0]! >= peak[i]! ? 1 : 0;
        v[i] = spikes > 0 ? c[i]! : at[0]!;
        u[i] = spikes > 0 ? at[1]! + d[i]! : at[1]!;
        return spikes;
      },
    };
  },
};
