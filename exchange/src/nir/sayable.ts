import {
  type Graph,
  type GraphNode,
  kindOf,
  type Model,
  numbersOf,
  type ResolvedNode,
  type Semantics,
  SpikewireError,
} from '@spikewire/models';
import { withBackEdges } from './back-edges.ts';
import { mapGraph } from './net.ts';
import { primitiveOf, SUBGRAPH } from './primitives.ts';

const WITHOUT = 'a model without it';
const NEAREST = `${WITHOUT}, or --nearest`;

/** Types that become another when they lose some of their parameters. */
export const BECOMES: Readonly<Record<string, { readonly type: string; readonly loss?: string }>> = {
  ALIF: { type: 'LIF', loss: 'its threshold no longer adapts' },
  Lowpass: { type: 'LI' },
};

const PARTS: Readonly<Record<string, string>> = {
  quantization: 'has whole-number weights',
  learning: 'learns',
  features: 'has features',
  encoder: 'has encoders',
  decoder: 'has decoders',
  base: 'has decoders that learned',
  monitors: 'has monitors',
  selfTests: 'has self-tests',
};

/** Parts of a model beside its graph that it has and NIR has not, with the first node of each. */
export function partsBeyond(model: Model): { key: keyof Model; problem: string; node: string | undefined }[] {
  return (Object.keys(PARTS) as (keyof Model)[]).flatMap((key) => {
    const part = model[key];
    const isThere = part instanceof Map ? part.size > 0 : Array.isArray(part) ? part.length > 0 : part !== undefined;
    const node = part instanceof Map ? (part.keys().next().value as string | undefined) : undefined;
    return isThere ? [{ key, problem: PARTS[key]!, node }] : [];
  });
}

/** The choices of a step that NIR's equations leave no room for, and what they are in NIR. */
export const NIR_STEP = { threshold: 'gt', reset: 'value', spikesPerStep: 'one' } as const;

/** What each difference of `stepBeyond` becomes. */
export const STEP_IN_NIR: Readonly<Record<string, string>> = {
  'resets by subtraction': 'resets to v_reset',
  'spikes at its threshold, not only above': 'spikes only above it',
  'gives several spikes in a step': 'gives one',
  'is integrated by Runge–Kutta': 'integrated by exact',
};

/** Where a population does not do a step as NIR means it: the words of the difference. */
export function stepBeyond({ threshold, reset, spikesPerStep, integrate }: Semantics): string[] {
  return [
    ...(reset === 'subtract' ? ['resets by subtraction'] : []),
    ...(threshold === 'ge' ? ['spikes at its threshold, not only above'] : []),
    ...(spikesPerStep === 'many' ? ['gives several spikes in a step'] : []),
    ...(integrate === 'rk4' ? ['is integrated by Runge–Kutta'] : []),
  ];
}

/** Parameters of a node that NIR has no dataset for, and that say something. */
export function parametersBeyond(node: GraphNode): string[] {
  const { datasets } = primitiveOf(node.type)!;
  return Object.keys(node.parameters).filter((key) => !Object.hasOwn(datasets, key) && !isSilent(node, key));
}

/** Whether a parameter says what holds without it. */
function isSilent(node: GraphNode, key: string): boolean {
  const value = numbersOf(node, key);
  if (value === undefined) return false;
  if (key !== 'v_initial' || !('v_leak' in node.parameters)) {
    const isOptional = key === 'v_min' || key === 'spike_shape';
    return !isOptional && value.data.every((each) => each === 0);
  }
  const leak = numbersOf(node, 'v_leak')!;
  const size = Math.max(value.data.length, leak.data.length);
  const at = ({ data }: typeof value, i: number) => data[data.length === 1 ? 0 : i];
  return Array.from({ length: size }).every((_, i) => at(value, i) === at(leak, i));
}

/** Throws `unsupported`, with the node or the edge, for what of a model NIR cannot say. */
export function checkSayable(model: Model, nodes: readonly ResolvedNode[]): void {
  for (const { problem, node } of partsBeyond(model)) {
    const where = node === undefined ? 'model' : `node "${node}"`;
    throw new SpikewireError('unsupported', where, `${problem}, which NIR cannot express`, NEAREST);
  }
  mapGraph(model.graph, (node, name) => {
    checkNode(node, name);
    return node;
  });
  for (const { name, node, kind, semantics } of nodes) {
    const [problem] = kind.role === 'neuron' ? stepBeyond(semantics) : [];
    const other = semantics.integrate === model.semantics.integrate ? undefined : 'has an integration of its own';
    const words = problem ?? (kind.role === 'neuron' ? other : undefined);
    if (words === undefined) continue;
    throw new SpikewireError(
      'unsupported',
      `node "${name}" (${node.type})`,
      `${words}, which NIR cannot express`,
      NEAREST,
    );
  }
  checkEdges(model);
}

function checkNode(node: GraphNode, name: string): void {
  const where = `node "${name}" (${node.type})`;
  if (name.split('/').some((part) => part === '' || part === '.')) {
    throw new SpikewireError('unsupported', where, 'has no name for a NIR file', 'another name');
  }
  if (primitiveOf(node.type) === undefined) {
    const expected = Object.hasOwn(BECOMES, node.type) ? NEAREST : WITHOUT;
    throw new SpikewireError('unsupported', where, 'is not a NIR type', expected);
  }
  const [key] = parametersBeyond(node);
  if (key === undefined) return;
  throw new SpikewireError('unsupported', `${where}.${key}`, 'is not a parameter in NIR', NEAREST);
}

/** NIR has no delays on edges: those that close a cycle come back when a file is read. */
function checkEdges({ graph, semantics }: Model): void {
  const [edge] = delaysBeyond(graph, semantics.dt);
  if (edge === undefined) return;
  const where = `edge "${edge.source}"→"${edge.target}"`;
  throw new SpikewireError('unsupported', where, `has a delay of ${edge.delay}, which NIR cannot express`, NEAREST);
}

/** Edges whose delay is another than that which reading a file gives. */
export function delaysBeyond(graph: Graph, dt: number): Graph['edges'][number][] {
  const stored = inFileOrder(graph);
  const bare = mapGraph(
    stored,
    (node) => node,
    (edge) => ({ ...edge, delay: 0 }),
  );
  const read = edgesOf(withBackEdges(bare, dt).graph);
  return edgesOf(stored).filter((edge, index) => edge.delay !== read[index]!.delay);
}

/** HDF5 lists names in the order of their bytes. */
function inFileOrder({ nodes, edges }: Graph): Graph {
  const sorted = [...nodes].toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const inner = sorted.map(([name, node]): [string, GraphNode] => [
    name,
    node.graph === undefined ? node : { ...node, graph: inFileOrder(node.graph) },
  ]);
  return { nodes: new Map(inner), edges };
}

/** All edges, also those of sub-graphs, in one order. */
function edgesOf({ nodes, edges }: Graph): Graph['edges'][number][] {
  return [...[...nodes.values()].flatMap(({ graph }) => (graph === undefined ? [] : edgesOf(graph))), ...edges];
}

/** Whether NIR has a type, sub-graphs among them. */
export function isNirType(type: string): boolean {
  return type === SUBGRAPH || primitiveOf(type) !== undefined;
}

/** Whether a kind is a population with a membrane. */
export function isNeuron(node: GraphNode): boolean {
  return node.graph === undefined && kindOf(node.type, node.type).role === 'neuron';
}
