import { SpikewireError } from '../error.ts';
import { HANDED_ON, MANY_SPIKES, type Quantization } from '../model/quantization.ts';
import type { NeuronKind } from '../neurons/neuron-kind.ts';
import type { ResolvedNode } from '../resolve/resolve.ts';
import type { Wiring } from '../resolve/wiring.ts';
import { elementCount } from '../tensor.ts';

/**
 * The real value of one unit that an Input or a population emits: scale of an input, 1 for a spike, 2^(g−F)·u of a
 * read-out.
 */
export function sourceUnit(node: ResolvedNode, quantization: Pick<Quantization, 'inputs' | 'neurons'>): number {
  if (node.kind.role === 'input') return quantization.inputs.get(node.name)!.scale;
  const neuron = quantization.neurons.get(node.name);
  return neuron?.handOn === undefined ? 1 : neuron.scale[0]! * 2 ** (neuron.handOn - neuron.fraction);
}

/** The largest magnitude, in units, that an Input or a population can emit in a step. */
export function largestEmission({ inputs }: Pick<Quantization, 'inputs'>): Emission {
  return ({ kind, name, semantics }) => {
    if (kind.role === 'input') return inputs.get(name)!.maximum;
    if ((kind as NeuronKind).emits === 'state') return HANDED_ON;
    return semantics.spikesPerStep === 'many' ? MANY_SPIKES : 1;
  };
}

/**
 * The real value of one unit that leaves the node at `index`: of its source, times the pooling factors up to here.
 * Throws `unsupported` where sources of different worth meet, because one integer weight cannot serve both.
 */
export function unitOf(wiring: Wiring, index: number, quantization: Pick<Quantization, 'inputs' | 'neurons'>): number {
  const connectivity = wiring.connectivity[index];
  if (connectivity === undefined) return sourceUnit(wiring.graph.nodes[index]!, quantization);
  return arrivingUnit(wiring, index, quantization) * connectivity.gain;
}

/** The real value of one unit that arrives at the connection node at `index`. */
export function arrivingUnit(
  wiring: Wiring,
  index: number,
  quantization: Pick<Quantization, 'inputs' | 'neurons'>,
): number {
  const { nodes } = wiring.graph;
  const units = wiring.incoming[index]!.map(({ source }) => unitOf(wiring, source, quantization));
  const other = units.findIndex((unit) => unit !== units[0]);
  if (other > 0) {
    const [first, second] = [0, other].map((edge) => emitterOf(wiring, wiring.incoming[index]![edge]!.source));
    throw new SpikewireError(
      'unsupported',
      `integer form of "${nodes[index]!.name}" (${nodes[index]!.kind.type})`,
      `gets "${first}" in units of ${units[0]} and "${second}" in units of ${units[other]}`,
      'separate weights for each, or spikes instead of numbers',
    );
  }
  return units[0] ?? 1;
}

/** The name of the Input or population whose numbers leave the node at `index`; of several, of the first. */
function emitterOf(wiring: Wiring, index: number): string {
  const [way] = wiring.connectivity[index] === undefined ? [] : wiring.incoming[index]!;
  return way === undefined ? wiring.graph.nodes[index]!.name : emitterOf(wiring, way.source);
}

/** What an Input or a population emits in a step, in units. */
export type Emission = (source: ResolvedNode) => number;

/** Per element, the magnitude in units that arrives at the node at `index` in one step, through unweighted nodes. */
export function arrivingBound(wiring: Wiring, index: number, emission: Emission): Float64Array {
  const bound = new Float64Array(elementCount(wiring.graph.nodes[index]!.inputShape));
  for (const { source } of wiring.incoming[index]!) {
    const emitted = emittedBound(wiring, source, emission);
    for (let i = 0; i < bound.length; i++) bound[i]! += emitted[i]!;
  }
  return bound;
}

function emittedBound(wiring: Wiring, index: number, emission: Emission): Float64Array {
  const node = wiring.graph.nodes[index]!;
  const bound = new Float64Array(elementCount(node.shape));
  const connectivity = wiring.connectivity[index];
  if (connectivity === undefined) return bound.fill(emission(node));
  const arriving = arrivingBound(wiring, index, emission);
  for (let i = 0; i < arriving.length; i++) {
    connectivity.forEachSynapse(i, (output) => {
      if (connectivity.structure === 'selection') bound[output] = Math.max(bound[output]!, arriving[i]!);
      else bound[output]! += arriving[i]!;
    });
  }
  return bound;
}
