import { SpikewireError } from '../error.ts';
import type { GraphNode } from '../graph/graph.ts';
import type { NeuronKind } from '../graph/kind.ts';
import { numbersOf } from '../graph/parameter.ts';
import type { Semantics } from '../graph/semantics.ts';
import type { StateArray } from '../tensor.ts';
import { elementsOf } from './elements.ts';
import { firingParameters, isAbove, isResting, prepareFiring } from './firing.ts';

/**
 * Spike response model of order 0 (Gerstner & Kistler 2002, Spiking Neuron Models, eq. 4.42): v(t) = v_leak + η(t − t̂) + Σ w·ε(t − t_f).
 * Kernels of what arrives, each with the peak R, as linear filters, so that nothing has to be remembered:
 * `exponential` ε(s) = R·e^(−s/τ); `alpha` ε(s) = R·(s/τ)·e^(1 − s/τ); `double-exponential` ε(s) ∝ e^(−s/τ) − e^(−s/τ_rise).
 * After-potential of the last spike t̂: η(s) = η_0·e^(−s/τ_η), which takes the place of that of the spike before. Without `eta`, η_0 is
 * what brings v to v_reset, which with the exponential kernel is the LIF of R/share, share = dt/τ (euler) or 1 − e^(−dt/τ).
 * With reset `subtract` a spike adds η_0 = v_reset − v_threshold to the η there is. In the refractory time there is no spike, and all goes on.
 * `euler` has 1 − dt/τ in place of e^(−dt/τ).
 */
export const srm0: NeuronKind = {
  type: 'SRM0',
  role: 'neuron',
  emits: 'spikes',
  fixed: { spikesPerStep: 'one' },
  parameters: {
    kernel: {
      doc: 'shape of the response to a spike; exponential where absent',
      form: 'text',
      words: ['exponential', 'alpha', 'double-exponential'],
      optional: true,
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
      doc: 'after-potential η_0 of a spike; what leads to v_reset where absent',
      form: 'elements',
      optional: true,
    },
    tau_eta: {
      doc: 'time constant of the after-potential; tau where absent',
      unit: 's',
      form: 'elements',
      time: 'decay',
      above: 0,
      optional: true,
    },
    v_leak: { doc: 'membrane at rest', form: 'elements', default: 0 },
    v_initial: {
      doc: 'membrane at the start; what it is more than v_leak and the responses is an after-potential; where absent, there is none',
      form: 'elements',
      optional: true,
    },
    eta_initial: {
      doc: 'after-potential at the start; as v_initial has it where absent',
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
  },

  prepare(node, size, semantics) {
    const tau = elementsOf(node, 'tau', size);
    const response = responseOf(node, size, semantics);
    const { takeUp, ofFalling, ofRising } = response;
    const firing = prepareFiring(node, size, semantics);
    const leftEta = leftOf(elementsOf(node, 'tau_eta', size, tau), semantics);
    const leak = elementsOf(node, 'v_leak', size);
    const eta = numbersOf(node, 'eta') === undefined ? undefined : elementsOf(node, 'eta', size);
    const floor = firing.minimum ?? new Float64Array(size).fill(Number.NEGATIVE_INFINITY);
    return {
      initial: startOf(node, size, leak, response),
      constants: [...response.constants, firing, leftEta, leak, floor, ...(eta === undefined ? [] : [eta])],
      step(i, inputs, state) {
        const v = state.v!;
        const after = state.eta!;
        const refractory = state.refractory!;
        takeUp(i, inputs[0]!, state.falling!, state.rising!);
        const arrived = ofFalling[i]! * state.falling![i]! + ofRising[i]! * state.rising![i]!;
        after[i]! *= leftEta[i]!;
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
  const falling = elementsOf(node, 'falling_initial', size);
  const rising = elementsOf(node, 'rising_initial', size);
  const silent = leak.map((rest, i) => rest + ofFalling[i]! * falling[i]! + ofRising[i]! * rising[i]!);
  const started = elementsOf(node, 'v_initial', size, silent);
  const after = started.map((v, i) => v - silent[i]!);
  const eta = elementsOf(node, 'eta_initial', size, after);
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

function leftOf(tau: Float64Array, { dt, integrate }: Semantics): Float64Array {
  return tau.map((seconds) => (integrate === 'euler' ? 1 - dt / seconds : Math.exp(-dt / seconds)));
}

function responseOf(node: GraphNode, size: number, semantics: Semantics): Response {
  const ofFalling = elementsOf(node, 'r', size, 1);
  const ofRising = new Float64Array(size);
  const tau = elementsOf(node, 'tau', size);
  const left = leftOf(tau, semantics);
  const constants = [ofFalling, ofRising, left];
  if (node.parameters.kernel === 'alpha') {
    const climb = tau.map((seconds) => (Math.E * semantics.dt) / seconds);
    return {
      takeUp(i, arriving, falling, rising) {
        falling[i] = left[i]! * (falling[i]! + climb[i]! * rising[i]!);
        rising[i] = left[i]! * rising[i]! + arriving[i]!;
      },
      ofFalling,
      ofRising,
      constants: [...constants, climb],
    };
  }
  if (node.parameters.kernel === 'double-exponential') {
    const rise = riseOf(node, size, tau);
    const leftRise = leftOf(rise, semantics);
    for (let i = 0; i < size; i++) ofFalling[i]! /= differenceAtPeak(tau[i]!, rise[i]!);
    for (let i = 0; i < size; i++) ofRising[i] = -ofFalling[i]!;
    return {
      takeUp(i, arriving, falling, rising) {
        falling[i] = left[i]! * falling[i]! + arriving[i]!;
        rising[i] = leftRise[i]! * rising[i]! + arriving[i]!;
      },
      ofFalling,
      ofRising,
      constants: [...constants, leftRise],
    };
  }
  return {
    takeUp(i, arriving, falling) {
      falling[i] = left[i]! * falling[i]! + arriving[i]!;
    },
    ofFalling,
    ofRising,
    constants,
  };
}

function riseOf(node: GraphNode, size: number, tau: Float64Array): Float64Array {
  const rise = elementsOf(node, 'tau_rise', size);
  if (rise.every((seconds, i) => seconds > 0 && seconds < tau[i]!)) return rise;
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
