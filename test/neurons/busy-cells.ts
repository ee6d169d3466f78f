import { type NeuronKind, nodeKinds } from '@spikewire/models';
import type { Values } from './drive.ts';

export const neuronKinds: readonly NeuronKind[] = nodeKinds.filter((kind) => kind.role === 'neuron');

/** Every kind that remembers, with what it needs to be busy and what to drive it with. */
export const busyCells: readonly (readonly [type: string, values: Values, drive: number])[] = [
  ['IF', { v_threshold: 1 }, 30],
  ['LIF', { tau: 0.01, v_threshold: 1 }, 1.3],
  ['CubaLIF', { tau_syn: 0.004, tau_mem: 0.01, v_threshold: 1 }, 4],
  ['ALIF', { tau: 0.01, v_threshold: 1, theta_plus: 0.3, tau_theta: 0.04, beta: 0.2 }, 6],
  ['ConductanceLIF', { tau: 0.01, tau_e: 0.003, tau_i: 0.006, e_e: 5, e_i: -1, v_threshold: 1, theta_plus: 0.1 }, 0.4],
  ['SRM0', { tau: 0.01, v_threshold: 1 }, 0.6],
  ['SRM0', { kernel: 'alpha', tau: 0.01, v_threshold: 1, tau_eta: 0.005 }, 0.6],
  ['SRM0', { kernel: 'double-exponential', tau: 0.01, tau_rise: 0.004, v_threshold: 1, eta: -2 }, 0.6],
  ['AdEx', { tau: 0.01, delta_t: 0.2, v_threshold: 1, v_peak: 3, tau_w: 0.05, a: 0.1, b: 0.2 }, 4],
  ['Izhikevich', {}, 20],
  ['HodgkinHuxley', {}, 30],
  ['FitzHughNagumo', {}, 1],
  ['I', {}, 1],
  ['LI', { tau: 0.01 }, 1],
  ['Lowpass', { tau: 0.01 }, 1],
  ['CubaLI', { tau_syn: 0.004, tau_mem: 0.01 }, 1],
];
