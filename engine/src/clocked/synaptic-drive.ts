import { elementCount, type LinearDynamics, type NeuronKind, type ResolvedNode, type Wiring } from '@spikewire/models';

/** A state that decays faster than this per step would reach subnormal numbers before its turn to be settled. */
const FASTEST_DECAY = 0.5;
/** Longest rest in membrane time constants: a neuron that rests must not come up from where it was put. */
const LONGEST_REST = 25;
/** How many times stronger one synapse may be than the other. */
const WIDEST_RATIO = 2 ** 20;

/** A leaky variable whose numbers all neurons share: x ← decay·x + gain·input. */
export interface SharedLeak {
  readonly decay: number;
  readonly gain: number;
  readonly initial: Float64Array;
}

/**
 * A population of equal neurons that only exponential synapses drive, each of them a read-out (`Lowpass`, `LI`) with no
 * other reader: all of it can be stepped in one pass, and what the synapses hold needs no list.
 */
export interface SynapticDrive {
  readonly membrane: SharedLeak & { readonly bias: number };
  /** One or two, by index. */
  readonly synapses: readonly (SharedLeak & { readonly index: number })[];
  readonly comparison: 'gt' | 'ge';
  readonly threshold: number;
  readonly reset: number;
  readonly refractorySteps: number;
}

/** What drives the population at `index`, where that has the form of a `SynapticDrive`. */
export function synapticDriveOf(wiring: Wiring, index: number): SynapticDrive | undefined {
  const dynamics = linearOf(wiring.graph.nodes[index]!);
  const { firing } = dynamics ?? {};
  if (firing === undefined || firing.reset !== 'value' || firing.spikesPerStep === 'many' || firing.minimum)
    return undefined;
  const { threshold, resetValue, refractorySteps, comparison } = firing;
  const membrane = sharedLeak(dynamics!);
  if (membrane === undefined || ![threshold, resetValue, refractorySteps].every(isUniform)) return undefined;
  const bias = dynamics!.bias[0]!;
  if (membrane.decay < FASTEST_DECAY || membrane.decay > 1 || (membrane.decay === 1 && bias !== 0)) return undefined;
  if (!(resetValue[0]! < threshold[0]!) || -refractorySteps[0]! * Math.log(membrane.decay) > LONGEST_REST) {
    return undefined;
  }
  const incoming = wiring.incoming[index]!;
  if (incoming.length < 1 || incoming.length > 2) return undefined;
  const synapses = incoming.flatMap(({ source, delay }) => {
    const synapse = delay === 0 ? exponentialSynapse(wiring, source) : undefined;
    return synapse === undefined ? [] : [{ ...synapse, index: source }];
  });
  if (synapses.length < incoming.length) return undefined;
  const ratio = (synapses[1]?.gain ?? synapses[0]!.gain) / synapses[0]!.gain;
  if (ratio > WIDEST_RATIO || ratio < 1 / WIDEST_RATIO) return undefined;
  return {
    membrane: { ...membrane, bias },
    synapses,
    comparison,
    threshold: threshold[0]!,
    reset: resetValue[0]!,
    refractorySteps: refractorySteps[0]!,
  };
}

/** A read-out that only passes on what decays in it: one reader, no bias of its own or of its connections. */
function exponentialSynapse(wiring: Wiring, index: number): SharedLeak | undefined {
  const dynamics = linearOf(wiring.graph.nodes[index]!);
  if (dynamics === undefined || dynamics.firing !== undefined) return undefined;
  if (wiring.outgoing[index]!.length !== 1 || dynamics.bias.some((value) => value !== 0)) return undefined;
  if (wiring.incoming[index]!.some(({ source }) => wiring.connectivity[source]?.bias !== undefined)) return undefined;
  const leak = sharedLeak(dynamics);
  return leak !== undefined && leak.decay >= FASTEST_DECAY && leak.decay < 1 ? leak : undefined;
}

/** The linear step of a neuron node with one input and no current of its own. */
function linearOf({ kind, node, shape, semantics }: ResolvedNode): LinearDynamics | undefined {
  if (kind.role !== 'neuron' || kind.linear === undefined || ((kind as NeuronKind).ports?.length ?? 1) > 1) {
    return undefined;
  }
  const dynamics = kind.linear(node, elementCount(shape), semantics);
  return dynamics.current === undefined ? dynamics : undefined;
}

function sharedLeak({ decay, gain, initial }: LinearDynamics): SharedLeak | undefined {
  if (!isUniform(decay) || !isUniform(gain) || !(gain[0]! > 0)) return undefined;
  return { decay: decay[0]!, gain: gain[0]!, initial: initial.v! };
}

function isUniform(values: Float64Array | Int32Array): boolean {
  return values.every((value) => value === values[0]);
}
