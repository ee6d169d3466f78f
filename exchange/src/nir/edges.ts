import { candidates, type Edge, type Graph, type GraphNode, kindOf, SpikewireError } from '@spikewire/models';

/**
 * Edges each of which stands once, between nodes that there are. An end is the name of a node, or leads through the
 * name of a sub-graph, up to a dot, to a node in it.
 *
 * @param path name of the sub-graph that it is
 * @param repair whether an unknown end may be the only population without an edge
 */
export function soundEdges({ nodes, edges }: Graph, path: string, repair: boolean, notes: string[]): Graph {
  const unknown = new Set(
    edges.flatMap(({ source, target }) => [source, target]).filter((end) => !leadsToNode(end, nodes)),
  );
  // Two unknown names cannot both mean the same population.
  const lost = unknown.size > 1 ? undefined : unreferenced(nodes, edges);
  const mended = edges.map((edge) => {
    const [source, target] = [edge.source, edge.target].map((end) => {
      if (leadsToNode(end, nodes)) return end;
      if (!repair || lost === undefined) throw unknownEnd(edge, end, nodes, lost, path);
      notes.push(`${nameOf(edge, path)}: no node "${end}"; taken as "${lost}", the only population without an edge`);
      return lost;
    }) as [string, string];
    return { ...edge, source, target };
  });
  return { nodes, edges: once(mended, path, notes) };
}

function nameOf({ source, target }: Edge, path: string): string {
  return `edge "${source}"→"${target}"${path === '' ? '' : ` in "${path}"`}`;
}

function unknownEnd(edge: Edge, end: string, nodes: Graph['nodes'], lost: string | undefined, path: string) {
  const hint = lost === undefined ? '' : ` ("${lost}" has no edge: --repair connects it)`;
  const problem = `refers to unknown node "${end}"`;
  return new SpikewireError('graph', nameOf(edge, path), problem, `one of ${candidates(nodes.keys())}${hint}`);
}

function leadsToNode(end: string, nodes: Graph['nodes']): boolean {
  if (nodes.has(end)) return true;
  for (let dot = end.indexOf('.'); dot >= 0; dot = end.indexOf('.', dot + 1)) {
    const inner = nodes.get(end.slice(0, dot))?.graph;
    if (inner !== undefined) return leadsToNode(end.slice(dot + 1), inner.nodes);
  }
  return false;
}

/** The one population, or sub-graph, that no edge names; undefined where there are several or none. */
function unreferenced(nodes: Graph['nodes'], edges: readonly Edge[]): string | undefined {
  const named = new Set(edges.flatMap(({ source, target }) => [source, target]));
  const lost = [...nodes].filter(([name, node]) => !named.has(name) && mayBeLost(node)).map(([name]) => name);
  return lost.length === 1 ? lost[0] : undefined;
}

function mayBeLost({ type, graph }: GraphNode): boolean {
  return graph !== undefined || kindOf(type, type).role === 'neuron';
}

function once(edges: readonly Edge[], path: string, notes: string[]): Edge[] {
  const counts = new Map<string, { readonly edge: Edge; count: number }>();
  for (const edge of edges) {
    const key = JSON.stringify([edge.source, edge.target]);
    const known = counts.get(key);
    if (known === undefined) counts.set(key, { edge, count: 1 });
    else known.count++;
  }
  return [...counts.values()].map(({ edge, count }) => {
    if (count > 1) notes.push(`${nameOf(edge, path)} occurs ${count} times and counts once`);
    return edge;
  });
}
