import { elementsOf } from '../graph/parameter.ts';
import type { ParameterTable } from '../parameters/declaration.ts';
import { fire, firingParameters, isResting, prepareFiring } from './firing.ts';
import { leakyParameters } from './leaky.ts';
import type { NeuronKind } from './neuron-kind.ts';
import { advanceBy } from './ode.ts';

const { v_threshold: _, ...rest } = firingParameters;

const parameters = {
  ...leakyParameters,
  delta_t: { doc: 'slope factor Δ_T: how sharply a spike begins', form: 'elements', above: 0 },
  v_threshold: { doc: 'membrane at which a spike begins', form: 'elements' },
  v_peak: { doc: 'membrane at which a spike is cut off', form: 'elements' },
  tau_w: { doc: 'time constant of the adaptation', unit: 's', form: 'elements', time: 'decay', above: 0 },
  a: { doc: 'adaptation below threshold, in units of 1/R', form: 'elements', default: 0 },
  b: { doc: 'rise of the adaptation at a spike', form: 'elements', default: 0 },
  w_initial: { doc: 'adaptation at the start', form: 'elements', default: 0 },
  ...rest,
} as const satisfies ParameterTable;

/** What its examples share. */
const busy = {
  tau: 0.01,
  v_leak: -70,
  v_threshold: -50,
  delta_t: 2,
  v_peak: 0,
  v_reset: -60,
  tau_w: 0.1,
  a: 0.1,
  b: 3,
};

/**
 * Adaptive exponential integrate-and-fire (Brette & Gerstner 2005, J. Neurophysiol. 94:3637, eq. 1–3), divided by the
 * leak conductance: τ dv/dt = (v_leak − v) + Δ_T·e^((v − v_threshold)/Δ_T) + R·(I − w), τ_w dw/dt = a·(v − v_leak) − w;
 * where v passes v_peak a spike, v ← v_reset, w ← w + b. While the membrane rests, w goes on. The paper's cell in mV,
 * nA, µS and MΩ: τ 9.37 ms, R 33.3, v_leak −70.6, v_threshold −50.4, Δ_T 2, v_peak 20, τ_w 144 ms, a 0.004, b 0.0805.
 * Within a step of Runge–Kutta the slopes are those of at most v_peak, where the spike ends the equations.
 */
export const adEx: NeuronKind = {
  type: 'AdEx',
  role: 'neuron',
  examples: [
    { node: { ...busy, tau_ref: 1e-3 }, dt: 2e-4, weight: 200 },
    { node: { ...busy, semantics: { integrate: 'rk4' } }, dt: 2e-4, weight: 200 },
  ],
  emits: 'spikes',
  fixed: { reset: 'value', spikesPerStep: 'one' },
  integrates: ['euler', 'rk4'],
  parameters,

  prepare(node, size, semantics) {
    const { tau, r: resistance, v_leak: leak, tau_w: tauW, a, b, ...read } = elementsOf(node, size, parameters);
    const { delta_t: sharpness, v_threshold: threshold, v_peak: peak } = read;
    const firing = prepareFiring(node, size, semantics, 'v_peak');
    /** Whether the membrane rests: w then follows where it is held, and not where it would go within the step. */
    let isHeld = false;
    const slopes = (i: number, at: Float64Array, slope: Float64Array) => {
      const v = Math.min(at[0]!, peak[i]!);
      const w = at[1]!;
      const spike = sharpness[i]! * Math.exp((v - threshold[i]!) / sharpness[i]!);
      slope[0] = isHeld ? 0 : (leak[i]! - v + spike + resistance[i]! * (at[2]! - w)) / tau[i]!;
      slope[1] = (a[i]! * (v - leak[i]!) - w) / tauW[i]!;
    };
    const { advance, constants } = advanceBy(slopes, 2, semantics.dt, semantics.integrate);
    const at = new Float64Array(3);
    return {
      initial: {
        v: read.v_initial ?? leak.slice(),
        w: read.w_initial,
        refractory: new Float64Array(size),
      },
      constants: [...constants, tau, resistance, leak, sharpness, threshold, peak, tauW, a, b, firing, at],
      step(i, inputs, state) {
        const v = state.v!;
        const w = state.w!;
        const refractory = state.refractory!;
        at[0] = v[i]!;
        at[1] = w[i]!;
        at[2] = inputs[0]![i]!;
        isHeld = isResting(i, refractory);
        advance(i, at);
        w[i] = at[1]!;
        if (isHeld) return 0;
        v[i] = at[0]!;
        const spikes = fire(firing, i, v, refractory);
        if (spikes > 0) w[i]! += b[i]!;
        return spikes;
      },
    };
  },
};
