import { cubaEquations, cubaLinear, cubaParameters } from './cuba.ts';
import type { NeuronKind } from './neuron-kind.ts';

/**
 * Leaky integrator behind an exponential synapse, a read-out (NIR `CubaLI`): τ_syn di/dt = w_in·x − i, τ_mem dv/dt =
 * (v_leak − v) + R·i, current first; emits v after the update.
 */
export const cubaIntegrator: NeuronKind = {
  type: 'CubaLI',
  role: 'neuron',
  examples: [{ node: { tau_syn: 0.005, tau_mem: 0.02, r: 3, w_in: 2 }, dt: 1e-3, weight: 1 }],
  emits: 'state',
  parameters: cubaParameters,

  prepare(node, size, semantics) {
    const { initial, constants, enter, integrate } = cubaEquations(node, size, semantics);
    return {
      initial,
      constants,
      step(n, [arriving], { v, i }) {
        enter(n, arriving!, i!);
        integrate(n, v!, i!);
        return v![n]!;
      },
    };
  },

  linear: cubaLinear,
};
