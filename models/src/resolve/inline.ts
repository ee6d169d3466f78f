import type { ConnectionKind } from '../connections/connection-kind.ts';
import { connectElementwise } from '../connections/elementwise.ts';
import { SpikewireError } from '../error.ts';
import type { Edge, Graph, GraphNode } from '../graph/graph.ts';
import { numbersOf } from '../graph/parameter.ts';
import type { Semantics } from '../graph/semantics.ts';
import { candidates } from '../printable.ts';
import { elementCount } from '../tensor.ts';

/**
 * What an Input or Output of a sub-graph becomes when the sub-graph is dissolved, and what is left of a Delay: what
 * arrives is what leaves, at once or element by element some steps late.
 */
export const relay: ConnectionKind = {
  type: 'Relay',
  role: 'connection',
  examples: [],
  parameters: {
    shape: { doc: 'shape of one step', form: 'integers', optional: true },
    steps: { doc: 'delay of each element', unit: 'steps', form: 'elements', minimum: 0, optional: true },
  },
  inputShape(node) {
    const shape = numbersOf(node, 'shape');
    return shape === undefined ? numbersOf(node, 'steps')?.shape : Array.from(shape.data);
  },
  outputShape: (_node, input) => input,
  connect(node, input) {
    const identity = connectElementwise(elementCount(input));
    const steps = numbersOf(node, 'steps');
    return steps === undefined ? identity : { ...identity, delays: Int32Array.from(steps.data) };
  },
  longestDelay: (node) => Array.from(numbersOf(node, 'steps')?.data ?? []).reduce((a, b) => Math.max(a, b), 0),
};

/** Every edge end resolved to a node of the flat graph. */
export interface FlatGraph {
  readonly nodes: ReadonlyMap<string, GraphNode>;
  readonly edges: readonly FlatEdge[];
}

/** An edge between flat names, and the edge that it was in its own graph. */
export interface FlatEdge extends Edge {
  readonly origin: Edge;
}

/**
 * Dissolves nodes of type `NIRGraph`: their nodes become `outer/inner`, their Inputs and Outputs relays, and their
 * semantics those of the nodes inside, unless these have their own. An end of an edge is an exact node name, else `A.B`
 * with A a sub-graph and B one of its Inputs (as target) or Outputs (as source), or a name that leads deeper in the
 * same way.
 */
export function inlineSubgraphs(graph: Graph): FlatGraph {
  const nodes = new Map<string, GraphNode>();
  const edges: FlatEdge[] = [];
  dissolve(scopeOf(graph, ''), undefined, nodes, edges);
  return { nodes, edges };
}

type TerminalType = 'Input' | 'Output';

/** A graph and those inside it, each with the names that edges may end at. */
interface Scope {
  readonly graph: Graph;
  /** What stands in front of its nodes' names in the flat graph. */
  readonly prefix: string;
  readonly inner: ReadonlyMap<string, Scope>;
  readonly terminals: Readonly<Record<TerminalType, ReadonlySet<string>>>;
}

function scopeOf(graph: Graph, prefix: string): Scope {
  const inner = new Map<string, Scope>();
  const terminals = { Input: new Set<string>(), Output: new Set<string>() };
  for (const [name, node] of graph.nodes) {
    if (node.graph !== undefined) inner.set(name, scopeOf(node.graph, `${prefix}${name}/`));
    else if (isTerminal(node.type)) terminals[node.type].add(name);
  }
  return { graph, prefix, inner, terminals };
}

function isTerminal(type: string): type is TerminalType {
  return type === 'Input' || type === 'Output';
}

function dissolve(
  scope: Scope,
  semantics: Partial<Semantics> | undefined,
  nodes: Map<string, GraphNode>,
  edges: FlatEdge[],
): void {
  for (const [name, node] of scope.graph.nodes) {
    const inner = scope.inner.get(name);
    const inherited = semantics && { ...semantics, ...node.semantics };
    const own = inherited ?? node.semantics;
    if (inner !== undefined) {
      dissolve(inner, own, nodes, edges);
      continue;
    }
    const flatName = scope.prefix + name;
    if (nodes.has(flatName)) {
      const problem = 'has the name of a node inside a sub-graph';
      throw new SpikewireError('graph', `node "${flatName}"`, problem, 'another name');
    }
    const type = scope.prefix !== '' && isTerminal(node.type) ? relay.type : node.type;
    nodes.set(flatName, { ...node, type, ...(own && { semantics: own }) });
  }
  for (const edge of scope.graph.edges) edges.push(resolveEdge(scope, edge));
}

function resolveEdge(scope: Scope, edge: Edge): FlatEdge {
  const where = `edge "${edge.source}"→"${edge.target}"`;
  const source = resolveEnd(scope, edge.source, 'Output', undefined, where);
  const target = resolveEnd(scope, edge.target, 'Input', edge.port, where);
  const { port: _port, ...plain } = edge;
  const resolved = { ...plain, source: source.name, target: target.name, origin: edge };
  return edge.port === undefined || target.portUsed ? resolved : { ...resolved, port: edge.port };
}

function resolveEnd(
  scope: Scope,
  end: string,
  type: TerminalType,
  port: string | undefined,
  where: string,
): { name: string; portUsed: boolean } {
  const inner = scope.inner.get(end);
  if (inner !== undefined) return { name: terminalOf(inner, type, port, where), portUsed: port !== undefined };
  if (scope.graph.nodes.has(end)) return { name: scope.prefix + end, portUsed: false };
  const [deeper, rest] = splitAtScope(scope, end);
  if (deeper !== undefined) return { name: terminalOf(deeper, type, rest, where), portUsed: false };
  const problem = `refers to unknown node "${end}"`;
  throw new SpikewireError('graph', where, problem, `one of ${candidates(scope.graph.nodes.keys())}`);
}

/** The flat name of the Input or Output of a sub-graph that `name` leads to; without a name, of the only one. */
function terminalOf(scope: Scope, type: TerminalType, name: string | undefined, where: string): string {
  const terminals = scope.terminals[type];
  if (name === undefined && terminals.size === 1) return scope.prefix + [...terminals][0];
  if (name !== undefined && terminals.has(name)) return scope.prefix + name;
  const [deeper, rest] = name === undefined ? [] : splitAtScope(scope, name);
  if (deeper !== undefined) return terminalOf(deeper, type, rest, where);
  const problem =
    name === undefined ? `does not say which ${type} of the sub-graph` : `names unknown ${type} "${name}"`;
  throw new SpikewireError('graph', where, problem, `one of ${candidates(terminals)}`);
}

/** Splits `A.B` at the first dot in front of which there is a sub-graph; B is undefined where the whole name is one. */
function splitAtScope(scope: Scope, name: string): [scope?: Scope | undefined, rest?: string] {
  for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
    const inner = scope.inner.get(name.slice(0, dot));
    if (inner !== undefined) return [inner, name.slice(dot + 1)];
  }
  return [scope.inner.get(name)];
}
