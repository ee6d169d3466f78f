import type { Graph, GraphNode, JsonObject } from '@spikewire/models';

/** A net in continuous time, as a NIR file has it: only a step rule makes a model of it. */
export interface NirNet {
  /** Nodes under NIR's names, and edges without delays. */
  readonly graph: Graph;
  /** Version of the writer; empty where the file names none. */
  readonly version: string;
  /** What nodes carry beside their parameters, by their names (`outer/inner`); that of the whole net is under "". */
  readonly metadata: JsonObject;
  /** What was mended while the file was read, a line each. */
  readonly notes: readonly string[];
}

/**
 * The same graph with other nodes and edges in it and in its sub-graphs; `change` gets the flat name, `outer/inner`.
 */
export function mapGraph(
  graph: Graph,
  change: (node: GraphNode, name: string) => GraphNode,
  changeEdge: (edge: Graph['edges'][number]) => Graph['edges'][number] = (edge) => edge,
  prefix = '',
): Graph {
  const nodes = [...graph.nodes].map(([name, node]): [string, GraphNode] => {
    const flat = prefix + name;
    if (node.graph === undefined) return [name, change(node, flat)];
    return [name, { ...node, graph: mapGraph(node.graph, change, changeEdge, `${flat}/`) }];
  });
  return { nodes: new Map(nodes), edges: graph.edges.map(changeEdge) };
}
