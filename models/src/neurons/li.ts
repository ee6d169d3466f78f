import type { NeuronKind } from '../graph/kind.ts';
import { leakyParameters, leakyReadOut } from './leaky.ts';

/** Leaky integrator, a read-out (NIR `LI`): τ dv/dt = (v_leak − v) + R·I; emits v after the update. */
export const leakyIntegrator: NeuronKind = {
  type: 'LI',
  role: 'neuron',
  emits: 'state',
  parameters: leakyParameters,
  ...leakyReadOut,
};
