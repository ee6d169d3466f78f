import type { Connectivity } from '../connections/connectivity.ts';
import type { Quantization } from '../model/quantization.ts';
import type { Adaptation } from '../neurons/adaptation.ts';
import type { AdaptiveDynamics, LinearDynamics } from '../neurons/neuron-kind.ts';
import type { ResolvedNode } from '../resolve/resolve.ts';
import type { Wiring } from '../resolve/wiring.ts';
import { elementCount, type TensorData } from '../tensor.ts';
import { afferentsOf, unsupported } from './afferent.ts';
import { valueFor } from './per-neuron.ts';

/**
 * What arrives is multiplied by `gain` to count in the unit of the membrane. A current (CubaLIF) is kept in units of
 * which the membrane's is `currentWorth`: 1, or the gain from current to membrane where that is above 1, so that G
 * stays at most 2^15.
 */
export function inputGain({ gain, current }: LinearDynamics): { gain: Float64Array; currentWorth: Float64Array } {
  const currentWorth = gain.map((factor) => (current === undefined ? 1 : Math.max(1, factor)));
  return { gain: (current?.gain ?? gain).map((factor, i) => factor * currentWorth[i]!), currentWorth };
}

/**
 * What q = 1 is worth in the units of the float graph, for each row of a connection's weights: all that lead to one
 * output, or to one channel of a convolution; where synapses are listed, for each of them. Rows that reach no neuron
 * have 1.
 */
export function weightUnits(wiring: Wiring, index: number, quantization: Quantization): Float64Array {
  const population = populationBehind(wiring, index);
  const node = wiring.graph.nodes[population]!;
  const afferent = afferentsOf(wiring, population, quantization).find((candidate) => candidate.index === index)!;
  const { connectivity, factor } = afferent;
  const { scale } = quantization.neurons.get(node.name)!;
  const { gain } = inputGain(linearDynamics(node));
  const step = 2 ** quantization.connections.get(afferent.node.name)!.shift;
  const units = new Float64Array(outputGroups(connectivity)).fill(1);
  for (let output = 0; output < connectivity.outputs; output++) {
    const neuron = afferent.reach(output)[0];
    if (neuron === undefined) continue;
    units[connectivity.groupOf(output)] = (valueFor(scale, neuron, gain.length) * step) / (gain[neuron]! * factor);
  }
  if (connectivity.structure !== 'sparse') return units;
  return Float64Array.from(connectivity.targets, (output) => units[output]!);
}

/** Rows of a connection's weight tensor, each with one unit. */
export function rowsOf(connectivity: Connectivity): number {
  return connectivity.structure === 'sparse' ? connectivity.targets.length : outputGroups(connectivity);
}

function outputGroups({ outputs, groupOf }: Connectivity): number {
  return outputs === 0 ? 0 : groupOf(outputs - 1) + 1;
}

/** The weights that integers stand for, in the graph's units and order. */
export function realWeights(
  wiring: Wiring,
  index: number,
  quantization: Quantization,
  integers: TensorData,
): Float64Array {
  const units = weightUnits(wiring, index, quantization);
  const rowLength = integers.length / units.length;
  return Float64Array.from(integers, (q, k) => q * units[Math.floor(k / rowLength)]!);
}

/** A step that is linear between spikes, under a threshold that stays or adapts. */
export interface PopulationDynamics extends LinearDynamics {
  readonly adaptation?: Adaptation;
}

/** The linear step of a population, or `unsupported` where its kind has none. */
export function linearDynamics(resolved: ResolvedNode): PopulationDynamics {
  const { kind, node, shape, semantics } = resolved;
  if (kind.role === 'neuron') {
    const size = elementCount(shape);
    if (kind.integer !== undefined) return kind.integer(node, size);
    if (kind.linear !== undefined) return kind.linear(node, size, semantics);
    const adaptive = kind.adaptive?.(node, size, semantics);
    if (adaptive !== undefined && 'resistance' in adaptive.drive) return drivenByCurrent(adaptive, adaptive.drive);
  }
  throw unsupported(resolved, 'has no integer form', 'IF, LIF, ALIF, LI, ReLU or another linear neuron');
}

function drivenByCurrent(
  { share, leak, firing, adaptation, initial }: AdaptiveDynamics,
  { resistance }: { readonly resistance: Float64Array },
): PopulationDynamics {
  return {
    decay: share.map((lost) => 1 - lost),
    gain: share.map((entering, i) => entering * resistance[i]!),
    bias: share.map((pulled, i) => pulled * leak[i]!),
    firing,
    adaptation,
    initial,
  };
}

function populationBehind(wiring: Wiring, index: number): number {
  const next = wiring.outgoing[index]?.[0]?.target;
  if (next === undefined) {
    throw unsupported(wiring.graph.nodes[index]!, 'leads to no population', 'an LI or Lowpass before the Output');
  }
  return wiring.connectivity[next] === undefined ? next : populationBehind(wiring, next);
}
