import type { GraphNode } from '../graph/graph.ts';
import type { NeuronKind } from '../graph/kind.ts';
import type { Semantics } from '../graph/semantics.ts';
import type { StateArray } from '../tensor.ts';
import { adaptationParameters, fireAdapting, prepareAdaptation } from './adaptation.ts';
import { elementsOf } from './elements.ts';
import { firingParameters, isResting, prepareFiring } from './firing.ts';
import { leakyParameters } from './leaky.ts';

const { r: _, ...membraneParameters } = leakyParameters;

/** How membranes move, and the arrays that this takes. */
interface MembraneMotion {
  /** Moves the membrane of neuron i by a step, from the conductances of both ports at its start. */
  move(i: number, v: StateArray, excitation: StateArray, inhibition: StateArray): void;
  readonly constants: readonly Float64Array[];
}

/**
 * Leaky integrate-and-fire with synaptic conductances and an adaptive threshold (Diehl & Cook 2015, Front. Comput. Neurosci. 9:99,
 * eq. 1–2; conductances in units of the leak's): τ dv/dt = (v_leak − v) + g_e·(e_e − v) + g_i·(e_i − v), τ_e dg_e/dt = −g_e,
 * τ_i dg_i/dt = −g_i; a spike where v > v_threshold + theta, with theta as in ALIF.
 * A step: what arrives at the ports `excitatory` and `inhibitory` adds to g_e and g_i, the membrane moves with these, and they decay;
 * theta falls back before the comparison. While the membrane rests all but v goes on. `exact` takes the conductances as
 * constant over the step, `rk4` as decaying.
 */
export const conductanceLif: NeuronKind = {
  type: 'ConductanceLIF',
  role: 'neuron',
  emits: 'spikes',
  ports: ['excitatory', 'inhibitory'],
  fixed: { spikesPerStep: 'one' },
  parameters: {
    ...membraneParameters,
    tau_e: { doc: 'time constant of the excitation', unit: 's', form: 'elements', time: 'decay', above: 0 },
    tau_i: { doc: 'time constant of the inhibition', unit: 's', form: 'elements', time: 'decay', above: 0 },
    e_e: { doc: 'reversal potential of the excitation', form: 'elements' },
    e_i: { doc: 'reversal potential of the inhibition', form: 'elements' },
    g_e_initial: { doc: 'excitation at the start', form: 'elements', default: 0 },
    g_i_initial: { doc: 'inhibition at the start', form: 'elements', default: 0 },
    ...firingParameters,
    ...adaptationParameters,
  },

  prepare(node, size, semantics) {
    const firing = prepareFiring(node, size, semantics);
    const adaptation = prepareAdaptation(node, size, semantics);
    const { move, constants } = membraneMotion(node, size, semantics);
    const [leftE, leftI] = ['tau_e', 'tau_i'].map((key) => leftAfterStep(node, key, size, semantics)) as [
      Float64Array,
      Float64Array,
    ];
    const leftTheta = adaptation.left;
    return {
      initial: { ...startOf(node, size), theta: adaptation.initial, refractory: new Float64Array(size) },
      constants: [...constants, firing, adaptation, leftE, leftI],
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
        excitation[i]! *= leftE[i]!;
        inhibition[i]! *= leftI[i]!;
        theta[i]! *= leftTheta[i]!;
        return rests ? 0 : fireAdapting(firing, adaptation, i, v, theta, refractory);
      },
    };
  },

  adaptive(node, size, semantics) {
    // Any other way has an exponential of each neuron's conductances, or several slopes.
    if (semantics.integrate !== 'euler') return undefined;
    const adaptation = prepareAdaptation(node, size, semantics);
    const conductance = (name: string, tau: string, reversal: string) => ({
      name,
      left: leftAfterStep(node, tau, size, semantics),
      reversal: elementsOf(node, reversal, size),
    });
    return {
      share: elementsOf(node, 'tau', size).map((tau) => semantics.dt / tau),
      leak: elementsOf(node, 'v_leak', size),
      drive: { conductances: [conductance('g_e', 'tau_e', 'e_e'), conductance('g_i', 'tau_i', 'e_i')] },
      firing: prepareFiring(node, size, semantics),
      adaptation,
      initial: { ...startOf(node, size), theta: adaptation.initial },
    };
  },
};

function startOf(node: GraphNode, size: number) {
  return {
    v: elementsOf(node, 'v_initial', size, elementsOf(node, 'v_leak', size)),
    g_e: elementsOf(node, 'g_e_initial', size),
    g_i: elementsOf(node, 'g_i_initial', size),
  };
}

function leftAfterStep(node: GraphNode, key: string, size: number, { dt, integrate }: Semantics): Float64Array {
  return elementsOf(node, key, size).map((tau) => (integrate === 'euler' ? 1 - dt / tau : Math.exp(-dt / tau)));
}

function membraneMotion(node: GraphNode, size: number, { dt, integrate }: Semantics): MembraneMotion {
  const [tau, leak] = [elementsOf(node, 'tau', size), elementsOf(node, 'v_leak', size)];
  const [reversalE, reversalI] = [elementsOf(node, 'e_e', size), elementsOf(node, 'e_i', size)];
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
  const halfway = (key: string) => elementsOf(node, key, size).map((seconds) => Math.exp(-dt / 2 / seconds));
  const [halfE, halfI] = [halfway('tau_e'), halfway('tau_i')];
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
