import { SpikewireError } from '../error.ts';
import { stateMeaning } from '../file/state-meaning.ts';
import type { GraphNode } from '../graph/graph.ts';
import type { LearningDeclaration, Model } from '../model/model.ts';
import type { Quantization } from '../model/quantization.ts';
import { plasticityKinds } from '../plasticity/rules.ts';
import type { ResolvedNode } from '../resolve/resolve.ts';
import { isReadOut, isWeighted, sourcesOf, type Wiring, weightParameter } from '../resolve/wiring.ts';
import { elementCount, tensor } from '../tensor.ts';
import { unsupported, weightedConnections } from './afferent.ts';
import { quantizeInputs } from './calibration.ts';
import { makeExplicit } from './explicit.ts';
import { mapLists, shortest } from './per-neuron.ts';
import { type QuantizationWork, type QuantizeOptions, quantizePopulation } from './population.ts';
import { wireWithFewWays } from './ways.ts';

/**
 * The integer form of a float model (docs/semantics.md §2): its weights as int8 numbers and all constants that a device
 * needs. The graph comes out flat, and bare edges into populations as `Scale` nodes with a weight. Rounding is to
 * nearest, ties to even. Its provenance names the float form: what that has learned on a device, this one can take
 * over. Self-tests are not taken over: their answers are those of the float form. Throws `unsupported`, naming node and
 * remedy, for nets that have no integer form, and `parameter` for a bad calibration.
 */
export function quantize(model: Model, options: QuantizeOptions): Model {
  if (model.quantization !== undefined) {
    throw new SpikewireError('unsupported', 'quantize', 'got a model that is quantised', 'a float model');
  }
  const { graph, resolved } = makeExplicit(model.graph, model.semantics);
  const wiring = wireWithFewWays(resolved);
  const work: QuantizationWork = {
    model,
    wiring,
    options,
    inputs: quantizeInputs(model, wiring, options.calibration),
    connections: new Map(),
    neurons: new Map(),
    integers: new Map(),
    usualSizes: new Map(),
  };
  for (const index of populationsInOrder(wiring)) quantizePopulation(work, index);
  refuseWeightsWithoutNeuron(work);
  const nodes = new Map(graph.nodes);
  for (const node of resolved.nodes) {
    const integers = work.integers.get(node.name);
    if (integers !== undefined) nodes.set(node.name, withIntegers(node, integers));
  }
  const { inputs, connections, neurons } = work;
  return {
    ...model,
    graph: { nodes, edges: graph.edges },
    learning: learningInIntegers(model.learning, wiring),
    quantization: { bits: options.bits, inputs, connections, neurons: withShortLists(neurons) },
    provenance: { ...model.provenance, quantization: { floatForm: stateMeaning(model).floatForm } },
    selfTests: [],
  };
}

/** Where all rules of a connection can learn in integers, they do. */
function learningInIntegers(learning: Model['learning'], { graph, connectivity }: Wiring): Model['learning'] {
  const isDense = (name: string) =>
    graph.nodes.some((node, index) => node.name === name && connectivity[index]?.structure === 'dense');
  const isAble = ({ rule, storage, softness }: LearningDeclaration) =>
    storage !== 'float32' &&
    softness === undefined &&
    plasticityKinds.some((kind) => kind.rule === rule && kind.hasIntegerForm);
  return new Map(
    [...learning].map(([name, rules]) => [
      name,
      isDense(name) && rules.every(isAble) ? rules.map((each) => ({ ...each, arithmetic: 'integer' as const })) : rules,
    ]),
  );
}

function withShortLists(neurons: Quantization['neurons']): Quantization['neurons'] {
  return new Map([...neurons].map(([name, constants]) => [name, mapLists(constants, shortest)]));
}

/** Populations after the read-outs that feed them, whose unit has to be known first. */
function populationsInOrder(wiring: Wiring): number[] {
  const { nodes } = wiring.graph;
  const pending = new Set(nodes.flatMap(({ kind }, index) => (kind.role === 'neuron' ? [index] : [])));
  const order: number[] = [];
  const waits = (index: number) =>
    weightedConnections(wiring, index)
      .flatMap((connection) => sourcesOf(wiring, connection))
      .some((source) => pending.has(source) && isReadOut(nodes[source]!));
  while (pending.size > 0) {
    const ready = [...pending].filter((index) => !waits(index));
    if (ready.length === 0) {
      const stuck = nodes[[...pending].find((index) => isReadOut(nodes[index]!))!]!;
      throw unsupported(stuck, 'is a read-out in a cycle of read-outs', 'a population that spikes in every such cycle');
    }
    for (const index of ready) pending.delete(index);
    order.push(...ready);
  }
  return order;
}

function refuseWeightsWithoutNeuron({ wiring, connections }: QuantizationWork): void {
  wiring.graph.nodes.forEach((node, index) => {
    if (!isWeighted(wiring, index) || connections.has(node.name)) return;
    throw unsupported(node, 'leads to no population', 'an LI or Lowpass before the Output');
  });
}

function withIntegers(resolved: ResolvedNode, integers: Int8Array): GraphNode {
  const key = weightParameter(resolved);
  const { shape } = resolved.node.parameters[key] as { shape: readonly number[] };
  const broadcast = elementCount(resolved.shape) === integers.length ? resolved.shape : [integers.length];
  const full = elementCount(shape) === integers.length ? shape : broadcast;
  return { ...resolved.node, parameters: { ...resolved.node.parameters, [key]: tensor(integers, full) } };
}
