import {
  type Connectivity,
  type LearningDeclaration,
  type Model,
  type ResolvedGraph,
  SpikewireError,
} from '@spikewire/models';

/** A connection node that learns, as an engine needs it at compile time. */
export interface LearnedConnection {
  readonly name: string;
  /** Place of the connection node in the resolved graph. */
  readonly place: number;
  /** Place of its one target where that is a neuron that spikes; rules that look at post spikes need it. */
  readonly post: number | undefined;
  readonly connectivity: Connectivity;
  readonly declarations: readonly LearningDeclaration[];
}

/**
 * The learned connections of a model in the order of a step. Throws `learning` where a declaration names no connection with weights.
 */
export function learnedConnections(model: Model, graph: ResolvedGraph): LearnedConnection[] {
  for (const name of model.learning.keys()) {
    if (graph.nodes.some((node) => node.name === name)) continue;
    throw new SpikewireError('learning', `learning of "${name}"`, 'names no node of the graph', 'a connection node');
  }
  return graph.nodes.flatMap(({ name, kind, node, inputShape }, place) => {
    const declarations = model.learning.get(name);
    if (declarations === undefined) return [];
    const connectivity = kind.role === 'connection' ? kind.connect(node, inputShape) : undefined;
    if (connectivity?.weights === undefined) {
      throw new SpikewireError(
        'learning',
        `learning of "${name}"`,
        `is on a ${node.type}`,
        'a connection with weights',
      );
    }
    return [{ name, place, post: spikingTarget(graph, place), connectivity, declarations }];
  });
}

function spikingTarget(graph: ResolvedGraph, place: number): number | undefined {
  const targets = graph.edges.filter((edge) => edge.source === place).map((edge) => edge.target);
  const kind = targets.length === 1 ? graph.nodes[targets[0]!]!.kind : undefined;
  return kind?.role === 'neuron' && kind.emits === 'spikes' ? targets[0] : undefined;
}
