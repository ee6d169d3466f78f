import { elementsOf } from '../graph/parameter.ts';
import type { ParameterTable } from '../parameters/declaration.ts';
import type { NeuronKind } from './neuron-kind.ts';
import { advanceBy } from './ode.ts';

/** x/(1 − e^(−x)), also where both are 0. */
function linoid(x: number): number {
  return Math.abs(x) < 1e-5 ? 1 + x / 2 : x / -Math.expm1(-x);
}

/**
 * Opening and closing rates per ms of m, h and n at the voltage `at[0]`, held within ±150 mV, far beyond what a
 * membrane reaches. In arrays and literals, because numbers from functions and names are allocated.
 */
function ratesAt(at: Float64Array, rates: Float64Array): void {
  const v = Math.max(-150, Math.min(150, at[0]!));
  rates[0] = linoid((v + 40) / 10);
  rates[1] = 4 * Math.exp(-(v + 65) / 18);
  rates[2] = 0.07 * Math.exp(-(v + 65) / 20);
  rates[3] = 1 / (1 + Math.exp(-(v + 35) / 10));
  rates[4] = 0.1 * linoid((v + 55) / 10);
  rates[5] = 0.125 * Math.exp(-(v + 65) / 80);
}

/** Where a gate settles at each v; 0 is m, 1 is h, 2 is n. */
function settledGate(v: Float64Array, gate: 0 | 1 | 2): Float64Array {
  const rates = new Float64Array(6);
  return v.map((each) => {
    ratesAt(Float64Array.of(each), rates);
    return rates[2 * gate]! / (rates[2 * gate]! + rates[2 * gate + 1]!);
  });
}

/** An open share of channels; 0 also for what is not a number. */
function share(x: number): number {
  return x > 0 ? Math.min(1, x) : 0;
}

const parameters = {
  g_na: { doc: 'conductance of all sodium channels', unit: 'mS/cm²', form: 'elements', default: 120, minimum: 0 },
  g_k: { doc: 'conductance of all potassium channels', unit: 'mS/cm²', form: 'elements', default: 36, minimum: 0 },
  g_l: { doc: 'leak conductance', unit: 'mS/cm²', form: 'elements', default: 0.3, minimum: 0 },
  e_na: { doc: 'reversal potential of sodium', unit: 'mV', form: 'elements', default: 50 },
  e_k: { doc: 'reversal potential of potassium', unit: 'mV', form: 'elements', default: -77 },
  e_l: { doc: 'reversal potential of the leak', unit: 'mV', form: 'elements', default: -54.387 },
  c: { doc: 'capacitance', unit: 'µF/cm²', form: 'elements', default: 1, above: 0 },
  v_initial: { doc: 'membrane at the start; it rests near −65', unit: 'mV', form: 'elements', default: 0 },
  m_initial: { doc: 'activation of sodium at the start', form: 'elements', optional: true },
  h_initial: { doc: 'inactivation of sodium at the start', form: 'elements', optional: true },
  n_initial: { doc: 'activation of potassium at the start', form: 'elements', optional: true },
} as const satisfies ParameterTable;

/**
 * Squid axon (Hodgkin & Huxley 1952, J. Physiol. 117:500, eq. 26, in the sign convention of today), in mV, ms, mS/cm²,
 * µF/cm² and µA/cm²: C dv/dt = I − g_na·m³·h·(v − E_na) − g_k·n⁴·(v − E_k) − g_l·(v − E_l), dx/dt = α_x(v)·(1 − x) −
 * β_x(v)·x for the gates m, h, n. A spike where v crosses 0 mV upward; nothing is reset. Gates start where they settle
 * at the initial v, which is 0 mV like every membrane without a leak potential of its own unless v_initial says −65,
 * its rest.
 */
export const hodgkinHuxley: NeuronKind = {
  type: 'HodgkinHuxley',
  role: 'neuron',
  examples: [
    { node: { v_initial: -65 }, dt: 2e-5, weight: 200, bias: 6 },
    { node: { v_initial: -65, semantics: { integrate: 'rk4' } }, dt: 5e-5, weight: 100, bias: 6 },
  ],
  emits: 'spikes',
  fixed: { threshold: 'gt', reset: 'value', spikesPerStep: 'one' },
  integrates: ['euler', 'rk4'],
  longestStep: 0.00005,
  parameters,

  prepare(node, size, { dt, integrate }) {
    const read = elementsOf(node, size, parameters);
    const sodium = [read.g_na, read.e_na] as const;
    const potassium = [read.g_k, read.e_k] as const;
    const leak = [read.g_l, read.e_l] as const;
    const { c: capacitance, v_initial: initial } = read;
    const rates = new Float64Array(6);
    const slopes = (i: number, at: Float64Array, slope: Float64Array) => {
      const v = at[0]!;
      const m = at[1]!;
      const h = at[2]!;
      const n = at[3]!;
      const ofSodium = sodium[0][i]! * m * m * m * h * (v - sodium[1][i]!);
      const ofPotassium = potassium[0][i]! * n * n * n * n * (v - potassium[1][i]!);
      slope[0] = (at[4]! - ofSodium - ofPotassium - leak[0][i]! * (v - leak[1][i]!)) / capacitance[i]!;
      ratesAt(at, rates);
      slope[1] = rates[0]! * (1 - m) - rates[1]! * m;
      slope[2] = rates[2]! * (1 - h) - rates[3]! * h;
      slope[3] = rates[4]! * (1 - n) - rates[5]! * n;
    };
    const { advance, constants } = advanceBy(slopes, 4, 1000 * dt, integrate);
    const at = new Float64Array(5);
    return {
      initial: {
        v: initial,
        m: read.m_initial ?? settledGate(initial, 0),
        h: read.h_initial ?? settledGate(initial, 1),
        n: read.n_initial ?? settledGate(initial, 2),
      },
      constants: [...constants, sodium, potassium, leak, capacitance, rates, at],
      step(i, inputs, state) {
        const { v, m, h, n } = state;
        at[0] = v![i]!;
        at[1] = m![i]!;
        at[2] = h![i]!;
        at[3] = n![i]!;
        at[4] = inputs[0]![i]!;
        const wasBelow = at[0]! <= 0;
        advance(i, at);
        v![i] = at[0]!;
        m![i] = share(at[1]!);
        h![i] = share(at[2]!);
        n![i] = share(at[3]!);
        return wasBelow && v![i]! > 0 ? 1 : 0;
      },
    };
  },
};
