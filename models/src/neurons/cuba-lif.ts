import { cubaEquations, cubaLinear, cubaParameters } from './cuba.ts';
import { fire, firingParameters, fixedThreshold, isResting, prepareFiring } from './firing.ts';
import type { NeuronKind } from './neuron-kind.ts';

/**
 * Current-based leaky integrate-and-fire (NIR `CubaLIF`): τ_syn di/dt = w_in·x − i, τ_mem dv/dt = (v_leak − v) + R·i. A
 * step moves the current first and the membrane with the new current. A spike resets the membrane only; while the
 * membrane rests, the current goes on and takes up what arrives.
 */
export const cubaLif: NeuronKind = {
  type: 'CubaLIF',
  role: 'neuron',
  examples: [
    { node: { tau_syn: 0.005, tau_mem: 0.02, r: 4, w_in: 2, v_threshold: 1, tau_ref: 0.003 }, dt: 1e-3, weight: 3 },
    {
      node: {
        tau_syn: 0.004,
        tau_mem: 0.02,
        r: 5,
        w_in: 2,
        v_leak: 0.1,
        v_min: -0.5,
        v_threshold: 1,
        semantics: { integrate: 'exact', reset: 'subtract', spikesPerStep: 'many' },
      },
      dt: 1e-3,
      weight: 1,
    },
  ],
  emits: 'spikes',
  crossing: fixedThreshold,
  parameters: { ...cubaParameters, ...firingParameters },

  prepare(node, size, semantics) {
    const { initial, constants, enter, integrate } = cubaEquations(node, size, semantics);
    const firing = prepareFiring(node, size, semantics);
    return {
      initial: { ...initial, refractory: new Float64Array(size) },
      constants: [...constants, firing],
      step(n, [arriving], { v, i, refractory }) {
        enter(n, arriving!, i!);
        if (isResting(n, refractory!)) return 0;
        integrate(n, v!, i!);
        return fire(firing, n, v!, refractory!);
      },
    };
  },

  linear(node, size, semantics) {
    const { initial, ...step } = cubaLinear(node, size, semantics);
    const firing = prepareFiring(node, size, semantics);
    return { ...step, firing, initial: { ...initial, refractory: new Float64Array(size) } };
  },
};
