import {
  type Edge,
  type Graph,
  type GraphNode,
  kindOf,
  numbersOf,
  type Shape,
  SpikewireError,
  tensor,
} from '@spikewire/models';

/**
 * A graph with ways in and out: where it has no Input, each node that no edge leads to gets one, and where it has no
 * Output, each that no edge leaves. Sub-graphs likewise.
 */
export function withTerminals(graph: Graph, notes: string[], path = ''): Graph {
  const nodes = new Map(graph.nodes);
  for (const [name, node] of graph.nodes) {
    if (node.graph === undefined) continue;
    nodes.set(name, { ...node, graph: withTerminals(node.graph, notes, `${path}${name}/`) });
  }
  const edges = [...graph.edges];
  const isAlone = nodes.size === 1 && edges.length === 0;
  const sources = new Set(edges.map(({ source }) => source));
  const targets = new Set(edges.map(({ target }) => target));
  const has = (type: string) => [...graph.nodes.values()].some((node) => node.type === type);
  const [inSources, inTargets] = [prefixesOf(sources), prefixesOf(targets)];
  const connected = [...graph.nodes.keys()].filter((name) => isAlone || sources.has(name) || targets.has(name));
  /** Whether an edge has its end at a node, or at one in it. */
  const hasEnd = (name: string, ends: ReadonlySet<string>, inside: ReadonlySet<string>) =>
    ends.has(name) || (graph.nodes.get(name)!.graph !== undefined && inside.has(name));
  const add = (terminal: string, type: string, shape: Shape | undefined, edge: Edge, name: string) => {
    if (nodes.has(terminal))
      throw new SpikewireError(
        'graph',
        `node "${path}${terminal}"`,
        'has the name that the missing Input or Output needs',
        'another name',
      );
    const parameters = shape === undefined ? {} : { shape: tensor(Float64Array.from(shape)) };
    nodes.set(terminal, { type, parameters });
    edges.push(edge);
    const size = shape === undefined ? '' : ` of shape [${shape.join(', ')}]`;
    notes.push(`no ${type} node: "${path}${terminal}"${size} added to node "${path}${name}"`);
  };
  if (!has('Input')) {
    for (const name of connected.filter((each) => !hasEnd(each, targets, inTargets))) {
      const shape = path === '' ? shapeOf(nodes.get(name)!, `node "${name}"`) : undefined;
      const terminal = `input_${name}`;
      add(terminal, 'Input', shape, { source: terminal, target: name, delay: 0 }, name);
    }
  }
  if (!has('Output')) {
    for (const name of connected.filter((each) => !hasEnd(each, sources, inSources))) {
      const terminal = `output_${name}`;
      add(terminal, 'Output', undefined, { source: name, target: terminal, delay: 0 }, name);
    }
  }
  return { nodes, edges };
}

/** What stands before a dot in each name. */
function prefixesOf(ends: ReadonlySet<string>): ReadonlySet<string> {
  const prefixes = new Set<string>();
  for (const end of ends) {
    for (let dot = end.indexOf('.'); dot >= 0; dot = end.indexOf('.', dot + 1)) prefixes.add(end.slice(0, dot));
  }
  return prefixes;
}

/** What a node takes, as its own parameters say it. */
function shapeOf(node: GraphNode, where: string): Shape {
  const shape = node.graph === undefined ? declaredShape(node, where) : undefined;
  if (shape !== undefined) return shape;
  throw new SpikewireError('graph', where, 'has no Input before it, and no known shape', 'an Input node');
}

function declaredShape(node: GraphNode, where: string): Shape | undefined {
  const kind = kindOf(node.type, where);
  if (kind.role === 'connection') return kind.inputShape(node);
  if (kind.role !== 'neuron') return undefined;
  const sizes = Object.entries(kind.parameters).flatMap(([key, { form }]) => {
    const value = form === 'elements' ? numbersOf(node, key) : undefined;
    return value === undefined || value.shape.length === 0 ? [] : [value];
  });
  return sizes.toSorted((a, b) => b.data.length - a.data.length)[0]?.shape;
}
