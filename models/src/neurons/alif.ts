import { SpikewireError } from '../error.ts';
import type { GraphNode } from '../graph/graph.ts';
import { elementsOf } from '../graph/parameter.ts';
import type { Semantics } from '../graph/semantics.ts';
import type { ParameterTable } from '../parameters/declaration.ts';
import { type Adaptation, adaptationParameters, fireAdapting, prepareAdaptation } from './adaptation.ts';
import { firingParameters, isResting, prepareFiring } from './firing.ts';
import { leakyEquations, leakyLinear, leakyParameters } from './leaky.ts';
import type { NeuronKind } from './neuron-kind.ts';

const parameters = {
  ...leakyParameters,
  ...firingParameters,
  ...adaptationParameters,
  beta: {
    doc: 'rise of the threshold where the neuron spikes in every step, besides theta_plus',
    form: 'elements',
    default: 0,
  },
} as const satisfies ParameterTable;

/** What its examples share. */
const busy = { tau: 0.01, v_threshold: 1, v_reset: 0.1, tau_ref: 0.002, r: 8 };

/**
 * Leaky integrate-and-fire with an adaptive threshold: τ dv/dt = (v_leak − v) + R·I, a spike where v > v_threshold +
 * theta, and τ_theta dtheta/dt = −theta + a rise at every spike. theta falls back before the comparison, also while the
 * membrane rests. The rise is theta_plus (Diehl & Cook 2015), or beta of Bellec et al. 2018 (NeurIPS 31, eq. 3–5):
 * their threshold B = b_0 + β·b, b ← ρ·b + (1 − ρ)·z with ρ the decay of a step, which the next comparison sees
 * in full.
 */
export const alif: NeuronKind = {
  type: 'ALIF',
  role: 'neuron',
  examples: [
    { node: { ...busy, theta_plus: 0.3, tau_theta: 0.05, beta: 0.2 }, dt: 1e-3, weight: 2 },
    {
      node: {
        ...busy,
        v_leak: 0.05,
        v_min: -0.2,
        theta_plus: 0.2,
        theta_initial: 0.3,
        tau_theta: 0.02,
        semantics: { integrate: 'exact', threshold: 'ge', reset: 'subtract' },
      },
      dt: 1e-3,
      weight: 2,
    },
  ],
  emits: 'spikes',
  fixed: { spikesPerStep: 'one' },
  parameters,

  prepare(node, size, semantics) {
    const { initial, constants, integrate } = leakyEquations(node, size, semantics);
    const firing = prepareFiring(node, size, semantics);
    const adaptation = wholeAdaptation(node, size, semantics);
    const { decay } = adaptation;
    return {
      initial: { v: initial, theta: adaptation.initial, refractory: new Float64Array(size) },
      constants: [...constants, firing, adaptation],
      step(i, inputs, state) {
        const v = state.v!;
        const theta = state.theta!;
        const refractory = state.refractory!;
        theta[i]! *= decay[i]!;
        if (isResting(i, refractory)) return 0;
        integrate(i, v, inputs[0]!);
        return fireAdapting(firing, adaptation, i, v, theta, refractory);
      },
    };
  },

  crossing: (node, size, semantics) => ({
    firing: prepareFiring(node, size, semantics),
    adaptation: wholeAdaptation(node, size, semantics),
  }),

  adaptive(node, size, semantics) {
    const { v_leak, r } = elementsOf(node, size, leakyParameters);
    const { decay, initial } = leakyLinear(node, size, semantics);
    const adaptation = wholeAdaptation(node, size, semantics);
    return {
      share: decay.map((factor) => 1 - factor),
      leak: v_leak,
      drive: { resistance: r },
      firing: prepareFiring(node, size, semantics),
      adaptation,
      initial: { ...initial, theta: adaptation.initial },
    };
  },
};

/** With both rises together; throws `parameter` where a step leaves nothing of a rise by `beta`. */
function wholeAdaptation(node: GraphNode, size: number, semantics: Semantics): Adaptation {
  const threshold = prepareAdaptation(node, size, semantics);
  const { decay, rise } = threshold;
  const { beta } = elementsOf(node, size, parameters);
  if (decay.some((share, i) => share === 0 && beta[i] !== 0)) {
    throw new SpikewireError(
      'parameter',
      `${node.type}.beta`,
      'has no effect: a step leaves nothing of theta',
      'tau_theta above dt',
    );
  }
  // What falls back before the next comparison is added on top.
  const whole = rise.map((plus, i) => plus + (beta[i] === 0 ? 0 : (beta[i]! * (1 - decay[i]!)) / decay[i]!));
  return { ...threshold, rise: whole };
}
