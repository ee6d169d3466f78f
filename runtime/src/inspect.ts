import { type Connectivity, elementCount, type Model, type ResolvedGraph, type ResolvedNode, resolveGraph } from '@spikewire/models';
import type { Engine } from './engine/engine.ts';

export interface NodeReport {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly number[];
  /** Neurons with state. */
  readonly neurons: number;
  /** Synapses: what a spike of every input would pass. */
  readonly synapses: number;
  /** Stored weights; fewer than synapses where they are shared. */
  readonly weights: number;
  readonly learns: readonly string[];
}

export interface Inspection {
  readonly nodes: readonly NodeReport[];
  readonly edges: readonly { readonly source: string; readonly target: string; readonly delay: number }[];
  readonly neurons: number;
  readonly synapses: number;
  readonly weights: number;
  readonly bits: number;
  /** Steps of a sample. */
  readonly steps: number;
  /** Bytes of the file: what it takes of the flash. */
  readonly fileBytes: number;
  /** Bytes that the engine allocates for the running net, exactly. */
  readonly memoryBytes: number;
  readonly engine: string;
  /** Synaptic operations of a sample if every neuron spiked in every step: the upper bound. */
  readonly synapticOperationsAtMost: number;
  readonly warnings: readonly string[];
  readonly provenance: Model['provenance'];
  readonly digest: string;
}

/** What a model is and costs, before anything is deployed. */
export function inspect(model: Model, { fileBytes, digest, engine }: { fileBytes: number; digest: string; engine: Engine }): Inspection {
  const graph = resolveGraph(model.graph, model.semantics);
  const nodes = graph.nodes.map((node) => reportNode(model, node));
  const sum = (pick: (node: NodeReport) => number) => nodes.reduce((total, node) => total + pick(node), 0);
  const synapses = sum((node) => node.synapses);
  return {
    nodes,
    edges: edgesOf(graph),
    neurons: sum((node) => node.neurons),
    synapses,
    weights: sum((node) => node.weights),
    bits: model.quantization?.bits ?? 32,
    steps: model.sample.steps,
    fileBytes,
    memoryBytes: engine.load(model).bytes,
    engine: engine.name,
    synapticOperationsAtMost: synapses * model.sample.steps,
    warnings: graph.warnings,
    provenance: model.provenance,
    digest,
  };
}

function reportNode(model: Model, { name, kind, node, inputShape, shape }: ResolvedNode): NodeReport {
  const connectivity = kind.role === 'connection' ? kind.connect(node, inputShape) : undefined;
  return {
    name,
    type: node.type,
    shape,
    neurons: kind.role === 'neuron' ? elementCount(shape) : 0,
    synapses: connectivity?.weights === undefined ? 0 : countSynapses(connectivity),
    weights: connectivity?.weights?.length ?? 0,
    learns: (model.learning.get(name) ?? []).map(({ rule }) => rule),
  };
}

function countSynapses(connectivity: Connectivity): number {
  if (connectivity.structure === 'dense') return connectivity.inputs * connectivity.outputs;
  let count = 0;
  for (let input = 0; input < connectivity.inputs; input++) connectivity.forEachSynapse(input, () => count++);
  return count;
}

function edgesOf(graph: ResolvedGraph): Inspection['edges'] {
  return graph.edges.map(({ source, target, delay }) => ({ source: graph.nodes[source]!.name, target: graph.nodes[target]!.name, delay }));
}
