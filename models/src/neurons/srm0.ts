import { SpikewireError } from '../error.ts';
import type { GraphNode } from '../graph/graph.ts';
import { elementsOf, wordOf } from '../graph/parameter.ts';
import type { Semantics } from '../graph/semantics.ts';
import type { ParameterTable } from '../parameters/declaration.ts';
import type { StateArray } from '../tensor.ts';
import { firingParameters, fixedThreshold, isAbove, isResting, prepareFiring } from './firing.ts';
import type { NeuronKind } from './neuron-kind.ts';
import { decayOf } from './ode.ts';

const parameters = {
  kernel: {
    doc: 'shape of the response to a spike (default exponential)',
    form: 'word',
    words: ['exponential', 'alpha', 'double-exponential'],
    default: 'exponential',
  },
  tau: { doc: 'time constant τ with which the response falls', unit: 's', form: 'elements', time: 'decay', above: 0 },
  tau_rise: {
    doc: 'time constant with which a double-exponential response rises, below tau',
    unit: 's',
    form: 'elements',
    time: 'decay',
    above: 0,
    optional: true,
  },
  r: { doc: 'peak R of the response to a spike of weight 1', form: 'elements', default: 1 },
  eta: {
    doc: 'after-potential η_0 of a spike (default what leads to v_reset)',
    form: 'elements',
    optional: true,
  },
  tau_eta: {
    doc: 'time constant of the after-potential (default tau)',
    unit: 's',
    form: 'elements',
    time: 'decay',
    above: 0,
    optional: true,
  },
  v_leak: { doc: 'membrane at rest', form: 'elements', default: 0 },
  v_initial: {
    doc:
      'membrane at the start; ' +
      'the part above v_leak and the responses is an after-potential (default: no after-potential)',
    form: 'elements',
    optional: true,
  },
  eta_initial: {
    doc: 'after-potential at the start (default as v_initial has it)',
    form: 'elements',
    optional: true,
  },
  falling_initial: { doc: 'state of the filter with tau at the start', form: 'elements', default: 0 },
  rising_initial: {
    doc: 'state of the filter with which a response rises, at the start',
    form: 'elements',
    default: 0,
  },
  ...firingParameters,
} as const satisfies ParameterTable;

/** What its examples share. */
const busy = { tau: 0.01, v_threshold: 1, v_reset: 0.1, tau_ref: 0.002 };

/**
 * Spike response model of order 0 (Gerstner & Kistler 2002, Spiking Neuron Models, eq. 4.42): v(t) = v_leak + η(t − t̂)
 * + Σ w·ε(t − t_f). Kernels of what arrives, each with the peak R, as linear filters, so that nothing has to be
 * remembered: `exponential` ε(s) = R·e^(−s/τ); `alpha` ε(s) = R·(s/τ)·e^(1 − s/τ); `double-exponential` ε(s) ∝ e^(−s/τ)
 * − e^(−s/τ_rise). After-potential of the last spike t̂: η(s) = η_0·e^(−s/τ_η), which takes the place of that of the
 * spike before. Without `eta`, η_0 is what brings v to v_reset, which with the exponential kernel is the LIF of
 * R/share, share = dt/τ (euler) or 1 − e^(−dt/τ). With reset `subtract` a spike adds η_0 = v_reset − v_threshold to the
 * η there is. In the refractory time there is no spike, and all goes on. `euler` has 1 − dt/τ in place of e^(−dt/τ).
 */
export const srm0: NeuronKind = {
  type: 'SRM0',
  role: 'neuron',
  examples: [
    { node: { ...busy, r: 0.5 }, dt: 1e-3, weight: 2 },
    { node: { ...busy, kernel: 'alpha', eta: -2, tau_eta: 0.02 }, dt: 1e-3, weight: 2 },
    {
      node: { ...busy, kernel: 'double-exponential', tau_rise: 0.003, semantics: { reset: 'subtract' } },
      dt: 1e-3,
      weight: 2,
    },
  ],
  emits: 'spikes',
  crossing: fixedThreshold,
  fixed: { spikesPerStep: 'one' },
  parameters,

  prepare(node, size, semantics) {
    const { tau, tau_eta, v_leak: leak, eta } = elementsOf(node, size, parameters);
    const response = responseOf(node, size, semantics);
    const { takeUp, ofFalling, ofRising } = response;
    const firing = prepareFiring(node, size, semantics);
    const decayEta = decayOf(tau_eta ?? tau, semantics);
    const floor = firing.minimum ?? new Float64Array(size).fill(Number.NEGATIVE_INFINITY);
    return {
      initial: startOf(node, size, leak, response),
      constants: [...response.constants, firing, decayEta, leak, floor, ...(eta === undefined ? [] : [eta])],
      step(i, inputs, state) {
        const v = state.v!;
        const after = state.eta!;
        const refractory = state.refractory!;
        takeUp(i, inputs[0]!, state.falling!, state.rising!);
        const arrived = ofFalling[i]! * state.falling![i]! + ofRising[i]! * state.rising![i]!;
        after[i]! *= decayEta[i]!;
        v[i] = Math.max(floor[i]!, leak[i]! + after[i]! + arrived);
        if (isResting(i, refractory) || !isAbove(firing, i, v)) return 0;
        const reset = firing.resetValue[i]!;
        if (firing.reset === 'subtract') after[i]! += eta === undefined ? reset - firing.threshold[i]! : eta[i]!;
        else after[i] = eta === undefined ? reset - leak[i]! - arrived : eta[i]!;
        v[i] = Math.max(floor[i]!, leak[i]! + after[i]! + arrived);
        refractory[i] = firing.refractorySteps[i]!;
        return 1;
      },
    };
  },
};

/** All state variables at the start. */
function startOf(node: GraphNode, size: number, leak: Float64Array, { ofFalling, ofRising }: Response) {
  const { falling_initial: falling, rising_initial: rising, ...read } = elementsOf(node, size, parameters);
  const silent = leak.map((rest, i) => rest + ofFalling[i]! * falling[i]! + ofRising[i]! * rising[i]!);
  const started = read.v_initial ?? silent;
  const after = started.map((v, i) => v - silent[i]!);
  const eta = read.eta_initial ?? after;
  const v = silent.map((rest, i) => rest + eta[i]!);
  return { v, falling, rising, eta, refractory: new Float64Array(size) };
}

/** The response to everything that has arrived: two filters, and their shares in it. */
interface Response {
  takeUp(i: number, arriving: StateArray, falling: StateArray, rising: StateArray): void;
  readonly ofFalling: Float64Array;
  readonly ofRising: Float64Array;
  /** Its arrays. */
  readonly constants: readonly Float64Array[];
}

function responseOf(node: GraphNode, size: number, semantics: Semantics): Response {
  const { r: ofFalling, tau, tau_rise } = elementsOf(node, size, parameters);
  const ofRising = new Float64Array(size);
  const decay = decayOf(tau, semantics);
  const constants = [ofFalling, ofRising, decay];
  const kernel = wordOf(node, 'kernel', parameters.kernel);
  if (kernel === 'alpha') {
    const climb = tau.map((seconds) => (Math.E * semantics.dt) / seconds);
    return {
      takeUp(i, arriving, falling, rising) {
        falling[i] = decay[i]! * (falling[i]! + climb[i]! * rising[i]!);
        rising[i] = decay[i]! * rising[i]! + arriving[i]!;
      },
      ofFalling,
      ofRising,
      constants: [...constants, climb],
    };
  }
  if (kernel === 'double-exponential') {
    const rise = checkRise(node, tau_rise, tau);
    const decayRise = decayOf(rise, semantics);
    for (let i = 0; i < size; i++) ofFalling[i]! /= differenceAtPeak(tau[i]!, rise[i]!);
    for (let i = 0; i < size; i++) ofRising[i] = -ofFalling[i]!;
    return {
      takeUp(i, arriving, falling, rising) {
        falling[i] = decay[i]! * falling[i]! + arriving[i]!;
        rising[i] = decayRise[i]! * rising[i]! + arriving[i]!;
      },
      ofFalling,
      ofRising,
      constants: [...constants, decayRise],
    };
  }
  return {
    takeUp(i, arriving, falling) {
      falling[i] = decay[i]! * falling[i]! + arriving[i]!;
    },
    ofFalling,
    ofRising,
    constants,
  };
}

function checkRise(node: GraphNode, rise: Float64Array | undefined, tau: Float64Array): Float64Array {
  if (rise?.every((seconds, i) => seconds > 0 && seconds < tau[i]!)) return rise;
  throw new SpikewireError(
    'parameter',
    `${node.type}.tau_rise`,
    'is missing or not below tau',
    'a time shorter than tau',
  );
}

/** The largest e^(−s/fall) − e^(−s/rise). */
function differenceAtPeak(fall: number, rise: number): number {
  const at = (Math.log(fall / rise) * fall * rise) / (fall - rise);
  return Math.exp(-at / fall) - Math.exp(-at / rise);
}
