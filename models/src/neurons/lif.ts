import { fire, firingParameters, fixedThreshold, isResting, prepareFiring } from './firing.ts';
import { leakyEquations, leakyLinear, leakyParameters } from './leaky.ts';
import type { NeuronKind } from './neuron-kind.ts';

/**
 * Leaky integrate-and-fire (Lapicque 1907; NIR `LIF`): τ dv/dt = (v_leak − v) + R·I. Time constants in seconds,
 * potentials and currents dimensionless. An axonal latency is the delay of the edges that leave the node, or a Delay
 * behind it: reset and rest begin with the spike, only its arrival comes later.
 */
export const lif: NeuronKind = {
  type: 'LIF',
  role: 'neuron',
  examples: [{ node: { tau: 0.01, v_threshold: 1, v_reset: 0.1, tau_ref: 0.002, r: 5 }, dt: 1e-3, weight: 2 }],
  emits: 'spikes',
  crossing: fixedThreshold,
  parameters: { ...leakyParameters, ...firingParameters },

  prepare(node, size, semantics) {
    const { initial, constants, integrate } = leakyEquations(node, size, semantics);
    const firing = prepareFiring(node, size, semantics);
    return {
      initial: { v: initial, refractory: new Float64Array(size) },
      constants: [...constants, firing],
      step(i, [current], { v, refractory }) {
        if (isResting(i, refractory!)) return 0;
        integrate(i, v!, current!);
        return fire(firing, i, v!, refractory!);
      },
    };
  },

  linear(node, size, semantics) {
    const leaky = leakyLinear(node, size, semantics);
    const initial = { ...leaky.initial, refractory: new Float64Array(size) };
    return { ...leaky, initial, firing: prepareFiring(node, size, semantics) };
  },
};
