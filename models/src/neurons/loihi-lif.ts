import { elementsOf } from '../graph/parameter.ts';
import type { ParameterTable } from '../parameters/declaration.ts';
import { fire, firingParameters, fixedThreshold, isResting, prepareFiring } from './firing.ts';
import type { NeuronKind } from './neuron-kind.ts';

/** What is left of a state is (4096 − decay)/4096. */
const WHOLE = 4096;
/** Largest membrane, and largest threshold. */
const LARGEST = 2 ** 23 - 1;
/** Bits beside the sign of what arrives in a step, and of the current. */
const [ARRIVING_BITS, CURRENT_BITS] = [21, 23];

const parameters = {
  decay_u: {
    doc: 'loss of the current in a step, in 1/4096: δ_u + 1 of the chip',
    form: 'elements',
    default: WHOLE,
    minimum: 0,
    maximum: WHOLE,
  },
  decay_v: {
    doc: 'loss of the membrane in a step, in 1/4096',
    form: 'elements',
    default: 0,
    minimum: 0,
    maximum: WHOLE,
  },
  bias: { doc: 'what the membrane gains in each step', form: 'elements', default: 0 },
  v_initial: { doc: 'membrane at the start', form: 'elements', default: 0 },
  u_initial: { doc: 'current at the start', form: 'elements', default: 0 },
  v_max: { doc: 'highest membrane', form: 'elements', default: LARGEST, maximum: LARGEST },
  ...firingParameters,
  v_min: { doc: 'lowest membrane', form: 'elements', default: -LARGEST, minimum: -LARGEST },
} as const satisfies ParameterTable;

/**
 * Compartment of Intel's Loihi (Davies et al. 2018, IEEE Micro 38(1):82), in whole numbers as the chip and Lava's
 * bit-accurate model have them: u ← u·(4096 − decay_u)/4096 + x, v ← v·(4096 − decay_v)/4096 + u + bias, both quotients
 * rounded toward zero; x wraps at 21 bits beside the sign, u at 23, and v stays within v_min and v_max. Weights,
 * threshold and bias are those of the chip times 2⁶ and powers of two, as they add to the states; what arrives loses
 * its fraction. A refractory time of r on the chip is a tau_ref of r − 1 steps, in which u goes on.
 */
export const loihiLif: NeuronKind = {
  type: 'LoihiLIF',
  role: 'neuron',
  examples: [
    { node: { decay_u: 1024, decay_v: 128, v_threshold: 6400 }, dt: 1e-3, weight: 3200 },
    {
      node: { decay_u: 410, decay_v: 300, bias: 40, v_threshold: 12_800, v_min: -3000, tau_ref: 0.002 },
      dt: 1e-3,
      weight: 1600,
    },
  ],
  emits: 'spikes',
  crossing: fixedThreshold,
  isWhole: true,
  fixed: { integrate: 'euler', reset: 'value', spikesPerStep: 'one' },
  parameters,

  prepare(node, size, semantics) {
    const read = elementsOf(node, size, parameters);
    const { decay_u: decayU, decay_v: decayV, bias, v_max: largest } = read;
    const firing = { ...prepareFiring(node, size, semantics), minimum: read.v_min };
    return {
      initial: { v: read.v_initial, u: read.u_initial, refractory: new Float64Array(size) },
      constants: [decayU, decayV, bias, largest, firing],
      step(n, [arriving], { v, u, refractory }) {
        u![n] = wrapped(left(u![n]!, decayU[n]!) + wrapped(Math.trunc(arriving![n]!), ARRIVING_BITS), CURRENT_BITS);
        if (isResting(n, refractory!)) return 0;
        const driven = left(v![n]!, decayV[n]!) + wrapped(u![n]! + bias[n]!, CURRENT_BITS);
        v![n] = Math.min(driven, largest[n]!);
        return fire(firing, n, v!, refractory!);
      },
    };
  },
};

/** Exact: a state has 23 bits, and a decay 12. */
function left(state: number, decay: number): number {
  // The sum turns −0 into 0.
  return Math.trunc((state * (WHOLE - decay)) / WHOLE) + 0;
}

/** In two's complement of `bits` beside the sign. */
function wrapped(value: number, bits: number): number {
  const half = 2 ** bits;
  if (value >= -half && value < half) return value;
  return value - 2 * half * Math.floor((value + half) / (2 * half));
}
