import { exp } from '../exponential.ts';
import type { GraphNode } from '../graph/graph.ts';
import { elementsOf } from '../graph/parameter.ts';
import type { Semantics } from '../graph/semantics.ts';
import type { ParameterTable } from '../parameters/declaration.ts';
import type { StateArray } from '../tensor.ts';
import { adaptationParameters, fireAdapting, prepareAdaptation } from './adaptation.ts';
import { firingParameters, isResting, prepareFiring } from './firing.ts';
import { leakyParameters } from './leaky.ts';
import type { NeuronKind } from './neuron-kind.ts';
import { decayOf } from './ode.ts';

const { r: _, ...membraneParameters } = leakyParameters;

/** How membranes move, and the arrays that this takes. */
interface MembraneMotion {
  /** Moves the membrane of neuron i by a step, from the conductances of both ports at its start. */
  move(i: number, v: StateArray, excitation: StateArray, inhibition: StateArray): void;
  readonly constants: readonly Float64Array[];
}

const parameters = {
  ...membraneParameters,
  tau_e: { doc: 'time constant of the excitation', unit: 's', form: 'elements', time: 'decay', above: 0 },
  tau_i: { doc: 'time constant of the inhibition', unit: 's', form: 'elements', time: 'decay', above: 0 },
  e_e: { doc: 'reversal potential of the excitation', form: 'elements' },
  e_i: { doc: 'reversal potential of the inhibition', form: 'elements' },
  g_e_initial: { doc: 'excitation at the start', form: 'elements', default: 0 },
  g_i_initial: { doc: 'inhibition at the start', form: 'elements', default: 0 },
  ...firingParameters,
  ...adaptationParameters,
} as const satisfies ParameterTable;

/** What its examples share. */
const busy = { tau: 0.02, v_leak: -65, tau_e: 0.005, tau_i: 0.01, e_e: 0, e_i: -100, v_reset: -65, v_threshold: -55 };

/**
 * Leaky integrate-and-fire with synaptic conductances and an adaptive threshold (Diehl & Cook 2015, Front. Comput.
 * Neurosci. 9:99, eq. 1–2; conductances in units of the leak's): τ dv/dt = (v_leak − v) + g_e·(e_e − v) + g_i·(e_i −
 * v), τ_e dg_e/dt = −g_e, τ_i dg_i/dt = −g_i; a spike where v > v_threshold + theta, with theta as in ALIF.
 * A step: what arrives at the ports `excitatory` and `inhibitory` adds to g_e and g_i, the membrane moves with these,
 * and they decay; theta falls back before the comparison. While the membrane rests all but v goes on. `exact` takes the
 * conductances as constant over the step, `rk4` as decaying.
 */
export const conductanceLif: NeuronKind = {
  type: 'ConductanceLIF',
  role: 'neuron',
  examples: [
    { node: { ...busy, theta_plus: 1, tau_theta: 1 }, dt: 5e-4, weight: 2 },
    { node: { ...busy, semantics: { integrate: 'exact' } }, dt: 5e-4, weight: 2 },
    { node: { ...busy, tau_ref: 0.002, semantics: { integrate: 'rk4' } }, dt: 5e-4, weight: 2 },
  ],
  emits: 'spikes',
  ports: ['excitatory', 'inhibitory'],
  fixed: { spikesPerStep: 'one' },
  parameters,

  prepare(node, size, semantics) {
    const firing = prepareFiring(node, size, semantics);
    const adaptation = prepareAdaptation(node, size, semantics);
    const { move, constants } = membraneMotion(node, size, semantics);
    const { tau_e, tau_i } = elementsOf(node, size, parameters);
    const [decayE, decayI] = [decayOf(tau_e, semantics), decayOf(tau_i, semantics)];
    const decayTheta = adaptation.decay;
    return {
      initial: { ...startOf(node, size), theta: adaptation.initial, refractory: new Float64Array(size) },
      constants: [...constants, firing, adaptation, decayE, decayI],
      step(i, inputs, state) {
        const v = state.v!;
        const theta = state.theta!;
        const refractory = state.refractory!;
        const excitation = state.g_e!;
        const inhibition = state.g_i!;
        excitation[i]! += inputs[0]![i]!;
        inhibition[i]! += inputs[1]![i]!;
        const rests = isResting(i, refractory);
        if (!rests) move(i, v, excitation, inhibition);
        excitation[i]! *= decayE[i]!;
        inhibition[i]! *= decayI[i]!;
        theta[i]! *= decayTheta[i]!;
        return rests ? 0 : fireAdapting(firing, adaptation, i, v, theta, refractory);
      },
    };
  },

  adaptive(node, size, semantics) {
    // Any other way has an exponential of each neuron's conductances, or several slopes.
    if (semantics.integrate !== 'euler') return undefined;
    const adaptation = prepareAdaptation(node, size, semantics);
    const { tau, v_leak, tau_e, tau_i, e_e, e_i } = elementsOf(node, size, parameters);
    const excitation = { name: 'g_e', decay: decayOf(tau_e, semantics), reversal: e_e };
    const inhibition = { name: 'g_i', decay: decayOf(tau_i, semantics), reversal: e_i };
    return {
      share: tau.map((seconds) => semantics.dt / seconds),
      leak: v_leak,
      drive: { conductances: [excitation, inhibition] },
      firing: prepareFiring(node, size, semantics),
      adaptation,
      initial: { ...startOf(node, size), theta: adaptation.initial },
    };
  },
};

function startOf(node: GraphNode, size: number) {
  const { v_initial, v_leak, g_e_initial, g_i_initial } = elementsOf(node, size, parameters);
  return { v: v_initial ?? v_leak, g_e: g_e_initial, g_i: g_i_initial };
}

function membraneMotion(node: GraphNode, size: number, { dt, integrate }: Semantics): MembraneMotion {
  const { tau, v_leak: leak, e_e: reversalE, e_i: reversalI, tau_e, tau_i } = elementsOf(node, size, parameters);
  const constants = [tau, leak, reversalE, reversalI];
  const slope = (i: number, v: number, e: number, h: number): number =>
    (leak[i]! - v + e * (reversalE[i]! - v) + h * (reversalI[i]! - v)) / tau[i]!;
  if (integrate === 'euler') {
    return {
      constants,
      move(i, v, excitation, inhibition) {
        v[i]! += dt * slope(i, v[i]!, excitation[i]!, inhibition[i]!);
      },
    };
  }
  if (integrate === 'exact') {
    return {
      constants,
      move(i, v, excitation, inhibition) {
        const e = excitation[i]!;
        const h = inhibition[i]!;
        const total = 1 + e + h;
        // Negative weights may take away all conductance; then the membrane moves evenly.
        const share = total === 0 ? dt / tau[i]! : -Math.expm1((-dt * total) / tau[i]!) / total;
        v[i]! += share * (leak[i]! + e * reversalE[i]! + h * reversalI[i]! - total * v[i]!);
      },
    };
  }
  const [halfE, halfI] = [tau_e, tau_i].map((tau) => tau.map((seconds) => exp(-dt / 2 / seconds))) as [
    Float64Array,
    Float64Array,
  ];
  return {
    constants: [...constants, halfE, halfI],
    move(i, v, excitation, inhibition) {
      const e0 = excitation[i]!;
      const h0 = inhibition[i]!;
      const e1 = e0 * halfE[i]!;
      const h1 = h0 * halfI[i]!;
      const e2 = e1 * halfE[i]!;
      const h2 = h1 * halfI[i]!;
      const start = v[i]!;
      const a = slope(i, start, e0, h0);
      const b = slope(i, start + (dt / 2) * a, e1, h1);
      const c = slope(i, start + (dt / 2) * b, e1, h1);
      v[i] = start + (dt / 6) * (a + 2 * (b + c) + slope(i, start + dt * c, e2, h2));
    },
  };
}
