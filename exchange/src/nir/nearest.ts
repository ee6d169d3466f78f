import {
  dequantize,
  type Edge,
  type Graph,
  type GraphNode,
  type Model,
  type Nearest,
  resolveGraph,
  scalar,
} from '@spikewire/models';
import { mapGraph } from './net.ts';
import { primitiveOf } from './primitives.ts';
import {
  BECOMES,
  delaysBeyond,
  isNeuron,
  isNirType,
  NIR_STEP,
  parametersBeyond,
  partsBeyond,
  STEP_IN_NIR,
  stepBeyond,
} from './sayable.ts';

/**
 * The model that comes closest and that NIR can say: whole numbers as the real ones that they stand for, resets to a
 * value, fixed thresholds, delays as nodes. A line for each loss. A node that nothing comes close to stays, and `write`
 * refuses it.
 */
export function nearestNir(model: Model): Nearest {
  const losses: string[] = [];
  for (const { key, problem, node } of partsBeyond(model)) {
    const where = node === undefined ? 'model' : `node "${node}"`;
    const becomes = key === 'quantization' ? 'its weights are written as real numbers' : 'left out';
    losses.push(`${where}: ${problem}: ${becomes}`);
  }
  const real = bare(model.quantization === undefined ? model : dequantize(model));
  const { nodes } = resolveGraph(real.graph, real.semantics);
  const { dt, integrate } = real.semantics;
  for (const { name, node, kind, semantics } of nodes) {
    if (kind.role !== 'neuron') continue;
    for (const problem of stepBeyond(semantics))
      losses.push(`node "${name}" (${node.type}): ${problem}: ${STEP_IN_NIR[problem]}`);
    if (semantics.integrate !== real.semantics.integrate) {
      losses.push(
        `node "${name}" (${node.type}): integrated by ${integrate === 'rk4' ? 'exact' : integrate}, as the rest`,
      );
    }
  }
  const semantics = { dt, integrate: integrate === 'rk4' ? ('exact' as const) : integrate, ...NIR_STEP };
  const graph = withPlainNames(
    mapGraph(withoutOwnSteps(real.graph), (node, name) => closest(node, name, losses)),
    losses,
  );
  return { model: { ...real, graph: withDelayNodes(graph, dt, losses), semantics }, losses };
}

function bare({ graph, semantics, sample, channels, labels, provenance }: Model): Model {
  return {
    graph,
    semantics,
    sample,
    channels,
    labels,
    provenance,
    learning: new Map(),
    encoder: new Map(),
    decoder: new Map(),
    selfTests: [],
  };
}

/** All nodes do their steps as the net does. */
function withoutOwnSteps({ nodes, edges }: Graph): Graph {
  const bare = [...nodes].map(([name, { semantics: _own, ...node }]): [string, GraphNode] => [
    name,
    node.graph === undefined ? node : { ...node, graph: withoutOwnSteps(node.graph) },
  ]);
  return { nodes: new Map(bare), edges };
}

function closest(node: GraphNode, name: string, losses: string[]): GraphNode {
  const where = `node "${name}" (${node.type})`;
  const other = BECOMES[node.type];
  if (other?.loss !== undefined) losses.push(`${where}: ${other.loss}`);
  const named: GraphNode = other === undefined ? node : { ...node, type: other.type };
  if (!isNirType(named.type) || !isNeuron(named)) return named;
  const isRead = (key: string) => Object.hasOwn(primitiveOf(named.type)!.datasets, key);
  const kept = Object.entries(named.parameters).filter(([key]) => isRead(key));
  const adapting = (key: string) => other?.loss !== undefined && /theta|beta/.test(key);
  for (const key of parametersBeyond(named).filter((each) => !adapting(each))) losses.push(`${where}.${key}: left out`);
  return { ...named, parameters: Object.fromEntries(kept) };
}

/** A "/" would be a group in a group: names have a dot in its place. */
function withPlainNames({ nodes, edges }: Graph, losses: string[]): Graph {
  const names = new Map<string, string>();
  const taken = new Map(nodes);
  for (const name of nodes.keys()) {
    if (!name.includes('/')) continue;
    const plain = freeName(taken, name.replaceAll('/', '.'));
    taken.set(plain, nodes.get(name)!);
    names.set(name, plain);
    losses.push(`node "${name}": named "${plain}"`);
  }
  const inner = [...nodes].map(([name, node]): [string, GraphNode] => [
    names.get(name) ?? name,
    node.graph === undefined ? node : { ...node, graph: withPlainNames(node.graph, losses) },
  ]);
  const end = (name: string) => names.get(name) ?? name;
  return {
    nodes: new Map(inner),
    edges: edges.map((edge) => ({ ...edge, source: end(edge.source), target: end(edge.target) })),
  };
}

/** Delays of edges, other than those that a reader gives to the edges that close cycles, as nodes. */
function withDelayNodes(graph: Graph, dt: number, losses: string[]): Graph {
  let mended = graph;
  // A Delay in a cycle changes which of its edges closes it.
  for (;;) {
    const late = new Set<Edge>(delaysBeyond(mended, dt).filter(({ delay }) => delay > 0));
    if (late.size === 0) return mended;
    mended = delaysAsNodes(mended, late, dt, losses);
  }
}

function delaysAsNodes(graph: Graph, late: ReadonlySet<Edge>, dt: number, losses: string[]): Graph {
  const nodes = new Map(graph.nodes);
  for (const [name, node] of nodes) {
    if (node.graph !== undefined) nodes.set(name, { ...node, graph: delaysAsNodes(node.graph, late, dt, losses) });
  }
  const edges = graph.edges.flatMap((edge): Edge[] => {
    if (!late.has(edge)) return [edge];
    const { source, target, delay } = edge;
    if (delay === 0) return [edge];
    const name = freeName(nodes, `delay_${source}_${target}`);
    nodes.set(name, { type: 'Delay', parameters: { delay: scalar(delay * dt) } });
    losses.push(`edge "${source}"→"${target}": its delay of ${delay} steps is node "${name}"`);
    return [
      { source, target: name, delay: 0 },
      { ...edge, source: name, delay: 0 },
    ];
  });
  return { nodes, edges };
}

function freeName(nodes: ReadonlyMap<string, GraphNode>, wanted: string): string {
  let name = wanted;
  while (nodes.has(name)) name += '_';
  return name;
}
