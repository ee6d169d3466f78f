export interface Cell {
  /** Parameters and own semantics of the node. */
  readonly node: Readonly<Record<string, unknown>>;
  /** Seconds, and the size of a weight: such that spikes come. */
  readonly dt: number;
  readonly weight: number;
  /** A constant drive. */
  readonly bias?: number;
}

const leaky = { tau: 0.01, v_threshold: 1, v_reset: 0.1, tau_ref: 0.002 };
const conductance = { tau: 0.02, v_leak: -65, tau_e: 0.005, tau_i: 0.01, e_e: 0, e_i: -100, v_reset: -65 };
const adaptive = { tau: 0.01, v_leak: -70, v_threshold: -50, delta_t: 2, v_peak: 0, v_reset: -60, tau_w: 0.1 };

/** Every kind of neuron, in all schemes that it has. */
export const cells: Readonly<Record<string, Cell>> = {
  IF: { node: { type: 'IF', r: 200, v_threshold: 1 }, dt: 1e-3, weight: 2 },
  LIF: { node: { type: 'LIF', ...leaky, r: 5 }, dt: 1e-3, weight: 2 },
  LI: { node: { type: 'LI', tau: 0.02, r: 3 }, dt: 1e-3, weight: 1 },
  Lowpass: { node: { type: 'Lowpass', tau: 0.02 }, dt: 1e-3, weight: 1 },
  I: { node: { type: 'I', r: 10, v_initial: 0.3 }, dt: 1e-3, weight: 1 },
  CubaLI: { node: { type: 'CubaLI', tau_syn: 0.005, tau_mem: 0.02, r: 3, w_in: 2 }, dt: 1e-3, weight: 1 },
  Threshold: { node: { type: 'Threshold', threshold: 0.7 }, dt: 1e-3, weight: 1 },
  ReLU: { node: { type: 'ReLU' }, dt: 1e-3, weight: 1 },
  CubaLIF: {
    node: { type: 'CubaLIF', tau_syn: 0.005, tau_mem: 0.02, r: 4, w_in: 2, v_threshold: 1, tau_ref: 0.003 },
    dt: 1e-3,
    weight: 3,
  },
  'CubaLIF exact': {
    node: {
      type: 'CubaLIF',
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
  ALIF: { node: { type: 'ALIF', ...leaky, r: 8, theta_plus: 0.3, tau_theta: 0.05, beta: 0.2 }, dt: 1e-3, weight: 2 },
  'ALIF exact': {
    node: {
      ...{ type: 'ALIF', ...leaky, r: 8, v_leak: 0.05, v_min: -0.2, theta_plus: 0.2, theta_initial: 0.3 },
      ...{ tau_theta: 0.02, semantics: { integrate: 'exact', threshold: 'ge', reset: 'subtract' } },
    },
    dt: 1e-3,
    weight: 2,
  },
  'SRM0 exponential': { node: { type: 'SRM0', ...leaky, r: 0.5 }, dt: 1e-3, weight: 2 },
  'SRM0 alpha': { node: { type: 'SRM0', ...leaky, kernel: 'alpha', eta: -2, tau_eta: 0.02 }, dt: 1e-3, weight: 2 },
  'SRM0 double': {
    node: { type: 'SRM0', ...leaky, kernel: 'double-exponential', tau_rise: 0.003, semantics: { reset: 'subtract' } },
    dt: 1e-3,
    weight: 2,
  },
  'ConductanceLIF euler': {
    node: { type: 'ConductanceLIF', ...conductance, v_threshold: -55, theta_plus: 1, tau_theta: 1 },
    dt: 5e-4,
    weight: 2,
  },
  'ConductanceLIF exact': {
    node: { type: 'ConductanceLIF', ...conductance, v_threshold: -55, semantics: { integrate: 'exact' } },
    dt: 5e-4,
    weight: 2,
  },
  'ConductanceLIF rk4': {
    node: { type: 'ConductanceLIF', ...conductance, v_threshold: -55, tau_ref: 0.002, semantics: { integrate: 'rk4' } },
    dt: 5e-4,
    weight: 2,
  },
  'AdEx euler': { node: { type: 'AdEx', ...adaptive, a: 0.1, b: 3, tau_ref: 1e-3 }, dt: 2e-4, weight: 200 },
  'AdEx rk4': {
    node: { type: 'AdEx', ...adaptive, a: 0.1, b: 3, semantics: { integrate: 'rk4' } },
    dt: 2e-4,
    weight: 200,
  },
  'Izhikevich euler': {
    node: { type: 'Izhikevich', v_initial: -70, u_initial: -14 },
    dt: 2e-4,
    weight: 60,
    bias: 4,
  },
  'Izhikevich rk4': {
    node: { type: 'Izhikevich', a: 0.1, d: 2, v_initial: -70, u_initial: -14, semantics: { integrate: 'rk4' } },
    dt: 2e-4,
    weight: 60,
    bias: 4,
  },
  'HodgkinHuxley euler': { node: { type: 'HodgkinHuxley', v_initial: -65 }, dt: 2e-5, weight: 200, bias: 6 },
  'HodgkinHuxley rk4': {
    node: { type: 'HodgkinHuxley', v_initial: -65, semantics: { integrate: 'rk4' } },
    dt: 5e-5,
    weight: 100,
    bias: 6,
  },
  'FitzHughNagumo euler': { node: { type: 'FitzHughNagumo', v_threshold: 0.5 }, dt: 2e-4, weight: 2, bias: 0.5 },
  'FitzHughNagumo rk4': {
    node: { type: 'FitzHughNagumo', v_threshold: 0.5, semantics: { integrate: 'rk4' } },
    dt: 2e-4,
    weight: 2,
    bias: 0.5,
  },
};
