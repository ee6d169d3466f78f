import {
  type Connectivity,
  dequantize,
  elementCount,
  type LearningDeclaration,
  type Model,
  type PlasticityTarget,
  plasticityKinds,
  type ResolvedGraph,
  resolveGraph,
  SpikewireError,
  type TeachingSignal,
  windowSteps,
} from '@spikewire/models';
import { type Feedback, feedbackOf } from './feedback.ts';

/** A connection node that learns, as an engine needs it at compile time. */
export interface LearnedConnection {
  readonly name: string;
  /** Index of the connection node in the resolved graph. */
  readonly index: number;
  /** Index of its one target where that is a neuron that spikes; rules that look at post spikes need it. */
  readonly post: number | undefined;
  /** Its one target where that is a neuron node. */
  readonly target: (PlasticityTarget & { readonly index: number }) | undefined;
  /** What is behind it, for people: `leads to the LI "out"`. */
  readonly behind: string;
  readonly connectivity: Connectivity;
  readonly declarations: readonly LearningDeclaration[];
  /** What a teacher's numbers mean here, and how many there are. */
  readonly signal: TeachingSignal | undefined;
  readonly signalLength: number;
  readonly feedback: Feedback | undefined;
  /** Steps of a sample, with its rest. */
  readonly sampleSteps: number;
}

/**
 * The learned connections of a model in the order of a step. Throws `learning` where a declaration names no connection
 * with weights, or asks for two kinds of teaching signals.
 */
export function learnedConnections(model: Model, graph: ResolvedGraph): LearnedConnection[] {
  for (const name of model.learning.keys()) {
    if (graph.nodes.some((node) => node.name === name)) continue;
    throw new SpikewireError('learning', `learning of "${name}"`, 'is not a node of the graph', 'a connection node');
  }
  return graph.nodes.flatMap(({ name, kind, node, inputShape }, index) => {
    const declarations = model.learning.get(name);
    if (declarations === undefined) return [];
    const where = `learning of "${name}"`;
    const connectivity = kind.role === 'connection' ? kind.connect(node, inputShape) : undefined;
    if (connectivity?.weights === undefined) {
      throw new SpikewireError('learning', where, `is on a ${node.type}`, 'a connection with weights');
    }
    const { outputs } = connectivity;
    if (!graph.edges.some(({ target }) => target === index)) {
      throw new SpikewireError('learning', where, 'gets nothing', 'an edge to the connection');
    }
    const signal = signalOf(declarations, where);
    const feedback = declaredFeedback(declarations, signal, model, graph, outputs, where);
    const target = targetOf(graph, index);
    return [
      {
        name,
        index,
        post: target?.emits === 'spikes' ? target.index : undefined,
        target,
        behind: describeTargets(graph, index),
        connectivity,
        declarations,
        signal,
        signalLength: signal === undefined ? 0 : signal === 'reward' ? 1 : (feedback?.errors ?? outputs),
        feedback,
        sampleSteps: windowSteps(model.sample),
      },
    ];
  });
}

/** The one kind of teaching signal that the rules of a connection take. */
function signalOf(declarations: readonly LearningDeclaration[], where: string): TeachingSignal | undefined {
  const signals = declarations.flatMap(({ rule }) => plasticityKinds.find((kind) => kind.rule === rule)?.signal ?? []);
  const different = [...new Set(signals)];
  if (different.length <= 1) return different[0];
  throw new SpikewireError('learning', where, `takes signals of different kinds: ${different.join(', ')}`, 'one kind');
}

function declaredFeedback(
  declarations: readonly LearningDeclaration[],
  signal: TeachingSignal | undefined,
  model: Model,
  graph: ResolvedGraph,
  outputs: number,
  where: string,
): Feedback | undefined {
  const declared = declarations.find(({ feedback }) => feedback !== undefined)?.feedback;
  if (declared === undefined) return undefined;
  if (signal === 'error') return feedbackOf(declared, withRealWeights(model, graph), outputs, where);
  throw new SpikewireError('learning', `${where}.feedback`, 'finds no rule that takes errors', 'pes, ottt or eprop');
}

/** The graph of an integer model has integers for weights. */
function withRealWeights(model: Model, graph: ResolvedGraph): ResolvedGraph {
  if (model.quantization === undefined) return graph;
  const real = dequantize(model);
  return resolveGraph(real.graph, real.semantics);
}

function targetOf({ edges, nodes }: ResolvedGraph, index: number): LearnedConnection['target'] {
  const targets = edges.filter((edge) => edge.source === index).map((edge) => edge.target);
  const found = targets.length === 1 ? nodes[targets[0]!]! : undefined;
  if (found?.kind.role !== 'neuron') return undefined;
  const { kind, node, shape, semantics } = found;
  const size = elementCount(shape);
  const crossing = kind.crossing?.(node, size, semantics);
  return { index: targets[0]!, emits: kind.emits, slope: kind.slope?.(node, size), ...crossing };
}

function describeTargets({ edges, nodes }: ResolvedGraph, index: number): string {
  const targets = edges.filter((edge) => edge.source === index).map((edge) => nodes[edge.target]!);
  if (targets.length === 0) return 'leads nowhere';
  if (targets.length > 1) return `has ${targets.length} targets`;
  return `leads to the ${targets[0]!.node.type} "${targets[0]!.name}"`;
}
