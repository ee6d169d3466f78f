import { leakyParameters, leakyReadOut } from './leaky.ts';
import type { NeuronKind } from './neuron-kind.ts';

/** Leaky integrator, a read-out (NIR `LI`): τ dv/dt = (v_leak − v) + R·I; emits v after the update. */
export const leakyIntegrator: NeuronKind = {
  type: 'LI',
  role: 'neuron',
  examples: [{ node: { tau: 0.02, r: 3 }, dt: 1e-3, weight: 1 }],
  emits: 'state',
  parameters: leakyParameters,
  ...leakyReadOut,
};
