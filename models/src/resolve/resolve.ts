import { SpikewireError } from '../error.ts';
import type { Edge, Graph, GraphNode } from '../graph/graph.ts';
import { checkParameters, numbersOf } from '../graph/parameter.ts';
import { mergeSemantics, type Semantics } from '../graph/semantics.ts';
import { kindOf, type NodeKind } from '../kinds/kinds.ts';
import { elementCount, formatShape, type Shape, sameShape } from '../tensor.ts';
import { checkDelay, flattenGraph } from './delays.ts';
import { relay } from './inline.ts';
import { visitingOrder } from './order.ts';
import { stepWarnings } from './step-length.ts';

export interface ResolvedNode {
  readonly name: string;
  readonly kind: NodeKind;
  readonly node: GraphNode;
  /** Shape of what arrives; for an Input the same as `shape`. */
  readonly inputShape: Shape;
  /** Shape of what it emits. */
  readonly shape: Shape;
  readonly semantics: Semantics;
}

export interface ResolvedEdge {
  /** Indices in `nodes`. */
  readonly source: number;
  readonly target: number;
  readonly delay: number;
  /** Index among the target's ports, 0 where it has one input. */
  readonly port: number;
}

/** A graph that was checked and can be run: flat, in the order of a step, every shape known. */
export interface ResolvedGraph {
  /** What was resolved. */
  readonly source: Graph;
  readonly nodes: readonly ResolvedNode[];
  readonly edges: readonly ResolvedEdge[];
  readonly semantics: Semantics;
  /** What was tolerated, one line each. */
  readonly warnings: readonly string[];
}

/**
 * Validates a graph and brings it into the form engines compile. Throws `graph` or `parameter` errors that name the
 * node or edge: unknown types and parameters, ranges, dangling edges, shapes that do not meet, cycles without a delay.
 */
export function resolveGraph(graph: Graph, semantics: Semantics): ResolvedGraph {
  const flat = flattenGraph(graph, semantics.dt);
  const kinds = new Map<string, NodeKind>();
  for (const [name, node] of flat.nodes) {
    const kind = node.type === relay.type ? relay : kindOf(node.type, `node "${name}"`);
    checkParameters(name, node, kind.parameters);
    kinds.set(name, kind);
  }
  const warnings: string[] = [];
  const edges = withoutDuplicates(flat.edges, warnings);
  const names = connectedNodes(flat.nodes.keys(), edges, warnings);
  const shapes = inferShapes(names, flat.nodes, kinds, edges);
  const order = visitingOrder(names, edges);
  const indices = new Map(order.map((name, index) => [name, index]));
  const nodes = order.map((name): ResolvedNode => {
    const node = flat.nodes.get(name)!;
    const merged = mergeSemantics(semantics, node.semantics, `node "${name}".semantics`);
    const kind = kinds.get(name)!;
    return { name, kind, node, semantics: semanticsFor(name, kind, merged), ...shapes.get(name)! };
  });
  for (const node of nodes) checkElements(node);
  for (const { name, kind, node, semantics } of nodes) warnings.push(...stepWarnings(name, kind, node, semantics));
  for (const edge of edges) checkDelay(edgeName(edge), edge.delay, elementCount(shapes.get(edge.source)!.shape));
  return {
    source: graph,
    nodes,
    edges: edges.map((edge) => ({
      source: indices.get(edge.source)!,
      target: indices.get(edge.target)!,
      delay: edge.delay,
      port: portOf(edge, kinds.get(edge.target)!),
    })),
    semantics,
    warnings,
  };
}

/**
 * The resolved graph of a model: `given`, where whoever asks has it already. Throws `graph` where that is the graph of
 * another model.
 */
export function graphOf({ graph, semantics }: Resolvable, given?: ResolvedGraph): ResolvedGraph {
  if (given === undefined) return resolveGraph(graph, semantics);
  if (given.source === graph && given.semantics === semantics) return given;
  throw new SpikewireError('graph', 'resolved graph', 'is that of another model', 'the one of this model');
}

/** What of a model its resolved graph follows from. */
interface Resolvable {
  readonly graph: Graph;
  readonly semantics: Semantics;
}

function edgeName(edge: Edge): string {
  return `edge "${edge.source}"→"${edge.target}"`;
}

function withoutDuplicates(edges: readonly Edge[], warnings: string[]): Edge[] {
  const seen = new Set<string>();
  return edges.filter((edge) => {
    const key = JSON.stringify([edge.source, edge.target, edge.delay, edge.port ?? '']);
    if (seen.has(key)) warnings.push(`${edgeName(edge)} occurs twice and counts once`);
    return !seen.has(key) && seen.add(key);
  });
}

function connectedNodes(names: Iterable<string>, edges: readonly Edge[], warnings: string[]): string[] {
  const connected = new Set(edges.flatMap((edge) => [edge.source, edge.target]));
  return [...names].filter((name) => {
    if (!connected.has(name)) warnings.push(`node "${name}" has no edge and is ignored`);
    return connected.has(name);
  });
}

function portOf(edge: Edge, kind: NodeKind): number {
  const ports = kind.role === 'neuron' ? (kind.ports ?? []) : [];
  if (ports.length === 0 && edge.port === undefined) return 0;
  const port = edge.port === undefined ? -1 : ports.indexOf(edge.port);
  if (port >= 0) return port;
  throw new SpikewireError(
    'graph',
    edgeName(edge),
    edge.port === undefined ? 'names no port' : `names unknown port "${edge.port}"`,
    ports.join(' or ') || 'no port',
  );
}

/** The choices that a node runs with: the model's own, where it leaves none, before what the graph says. */
function semanticsFor(name: string, kind: NodeKind, merged: Semantics): Semantics {
  if (kind.role !== 'neuron') return merged;
  const { integrates, fixed } = kind;
  if (integrates === undefined || integrates.includes(merged.integrate)) return { ...merged, ...fixed };
  const problem = `cannot be integrated with "${merged.integrate}"`;
  const expected = `semantics.integrate ${integrates.join(' or ')}, of the model or of this node`;
  throw new SpikewireError('graph', `node "${name}" (${kind.type})`, problem, expected);
}

interface NodeShapes {
  readonly inputShape: Shape;
  readonly shape: Shape;
}

/** The shapes a node's own parameters fix, before anything is known about its neighbours. */
function declaredShapes(node: GraphNode, kind: NodeKind): Partial<NodeShapes> {
  if (kind.role === 'connection') {
    const inputShape = kind.inputShape(node);
    return inputShape === undefined ? {} : { inputShape, shape: kind.outputShape(node, inputShape) };
  }
  if (kind.role !== 'neuron') {
    const declared = numbersOf(node, 'shape');
    const shape = declared && Array.from(declared.data);
    return shape === undefined ? {} : { inputShape: shape, shape };
  }
  for (const [key, { form }] of Object.entries(kind.parameters)) {
    const value = form === 'elements' ? numbersOf(node, key) : undefined;
    if (value !== undefined && value.shape.length > 0 && value.data.length > 1)
      return { inputShape: value.shape, shape: value.shape };
  }
  return {};
}

/** The shapes that follow from what arrives over an edge. */
function arrivingShapes(edge: Edge, arriving: Shape, node: GraphNode, kind: NodeKind): NodeShapes {
  if (kind.role !== 'connection') return { inputShape: arriving, shape: arriving };
  const problem = `source gives shape ${formatShape(arriving)}, but `;
  return { inputShape: arriving, shape: placed(edgeName(edge), () => kind.outputShape(node, arriving), problem) };
}

/** Shapes travel from the nodes that know theirs along the edges; then every edge must connect equal shapes. */
function inferShapes(
  names: readonly string[],
  nodes: ReadonlyMap<string, GraphNode>,
  kinds: ReadonlyMap<string, NodeKind>,
  edges: readonly Edge[],
): Map<string, NodeShapes> {
  const leaving = new Map<string, Edge[]>(names.map((name) => [name, []]));
  for (const edge of edges) leaving.get(edge.source)!.push(edge);
  const shapes = new Map<string, NodeShapes>();
  const settle = (name: string, { inputShape, shape }: Partial<NodeShapes>): void => {
    if (inputShape === undefined || shape === undefined) return;
    checkSizes(name, nodes.get(name)!, inputShape, shape);
    shapes.set(name, { inputShape, shape });
  };
  for (const name of names) {
    settle(
      name,
      placed(`node "${name}"`, () => declaredShapes(nodes.get(name)!, kinds.get(name)!)),
    );
  }
  // A map hands out what is added to it during the walk, so that shapes travel on until nothing is new.
  for (const [name, { shape }] of shapes) {
    for (const edge of leaving.get(name)!) {
      const { target } = edge;
      if (!shapes.has(target)) settle(target, arrivingShapes(edge, shape, nodes.get(target)!, kinds.get(target)!));
    }
  }
  const unknown = names.find((name) => !shapes.has(name));
  if (unknown !== undefined)
    throw new SpikewireError(
      'graph',
      `node "${unknown}"`,
      'has no known shape',
      'an Input with a shape before it, or parameters as full arrays',
    );
  for (const edge of edges) checkEdge(edge, shapes.get(edge.source)!.shape, shapes.get(edge.target)!.inputShape);
  return shapes;
}

function checkSizes(name: string, node: GraphNode, inputShape: Shape, shape: Shape): void {
  if ([...inputShape, ...shape].every((size) => Number.isSafeInteger(size) && size >= 1)) return;
  const problem = `gives shape ${formatShape(shape)} for ${formatShape(inputShape)}`;
  throw new SpikewireError('graph', `node "${name}" (${node.type})`, problem, 'sizes of at least 1');
}

/**
 * Leading dimensions of 1, which frameworks leave in weights and batches, say nothing about how elements are counted.
 */
function withoutLeadingOnes(shape: Shape): Shape {
  const first = shape.findIndex((size) => size !== 1);
  return first < 0 ? [] : shape.slice(first);
}

function checkEdge(edge: Edge, from: Shape, to: Shape): void {
  if (sameShape(withoutLeadingOnes(from), withoutLeadingOnes(to))) return;
  throw new SpikewireError(
    'graph',
    edgeName(edge),
    `source gives shape ${formatShape(from)}`,
    `${formatShape(to)}, the shape that "${edge.target}" takes`,
  );
}

function checkElements({ name, node, kind, shape }: ResolvedNode): void {
  const size = elementCount(shape);
  for (const [key, { form }] of Object.entries(kind.parameters)) {
    const length = form === 'elements' ? numbersOf(node, key)?.data.length : undefined;
    if (length !== undefined && length !== 1 && length !== size) {
      throw new SpikewireError(
        'parameter',
        `node "${name}" (${node.type}).${key}`,
        `has ${length} values`,
        `1 or ${size} for shape ${formatShape(shape)}`,
      );
    }
  }
}

/** An error of a kind names its type. This one also names the node of the graph. */
function placed<T>(where: string, run: () => T, problem = ''): T {
  try {
    return run();
  } catch (cause) {
    if (!(cause instanceof SpikewireError)) throw cause;
    throw new SpikewireError(cause.code, where, problem + cause.message, undefined, cause);
  }
}
