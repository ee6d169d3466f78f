import {
  defaultSemantics,
  elementCount,
  formatShape,
  type Graph,
  type GraphNode,
  inlineSubgraphs,
  numbersOf,
  resolveGraph,
  type Shape,
  SpikewireError,
  sameShape,
} from '@spikewire/models';
import { withBackEdges } from './back-edges.ts';
import { withoutInfinities } from './infinities.ts';
import { type NirPrimitive, primitiveOf } from './primitives.ts';

/** What `neuron_count` of a node says, by its flat name. */
export type NeuronCounts = Map<string, number>;

/** The step in which sizes are found, in seconds: few steps for any Delay. */
const ANY_STEP = 1;

/** Refuses a population whose parameters have two sizes; one number stands for any. */
export function checkSizes(node: GraphNode, primitive: NirPrimitive, where: string): void {
  let first: { name: string; shape: readonly number[] } | undefined;
  for (const name of elementNames(primitive)) {
    const { shape, data } = numbersOf(node, name) ?? { shape: [], data: [] };
    if (data.length <= 1) continue;
    first ??= { name, shape };
    if (sameShape(first.shape, shape)) continue;
    const [odd, other] = name === 'w_in' ? [{ name, shape }, first] : [first, { name, shape }];
    const matrix = odd.name === 'w_in' ? ': a matrix is a Linear node before it' : '';
    const problem = `has shape ${formatShape(odd.shape)}, and ${other.name} ${formatShape(other.shape)}`;
    throw new SpikewireError('parameter', `${where}.${odd.name}`, problem, `one value per neuron${matrix}`);
  }
}

function elementNames({ datasets }: NirPrimitive): string[] {
  return Object.keys(datasets).filter((name) => datasets[name]!.form === 'elements');
}

/** The nodes with an edge as the file has them, and the shape that each gives. */
function sizedNodes(graph: Graph): readonly { name: string; node: GraphNode; shape: Shape }[] {
  const finite = withoutInfinities(graph, ANY_STEP, []);
  const resolved = resolveGraph(withBackEdges(finite, ANY_STEP).graph, { ...defaultSemantics, dt: ANY_STEP });
  const { nodes } = inlineSubgraphs(graph);
  return resolved.nodes.map(({ name, shape }) => ({ name, node: nodes.get(name)!, shape }));
}

/** Says which parameters one number stands for, where the node has more neurons. */
export function noteSpread(graph: Graph, notes: string[]): void {
  for (const { name, node, shape } of sizedNodes(graph)) {
    const primitive = primitiveOf(node.type);
    if (primitive === undefined) continue;
    const size = elementCount(shape);
    const spread = elementNames(primitive).filter((key) => {
      const value = numbersOf(node, key);
      return value !== undefined && value.data.length === 1 && (value.shape.length === 0 || size > 1);
    });
    if (spread.length === 0) continue;
    notes.push(`node "${name}" (${node.type}): one number spread over ${formatShape(shape)} in ${spread.join(', ')}`);
  }
}

/** Compares what `neuron_count` says with the size that the graph gives. */
export function checkCounts(graph: Graph, counts: NeuronCounts, notes: string[]): void {
  if (counts.size === 0) return;
  for (const { name, node, shape } of sizedNodes(graph)) {
    const count = counts.get(name);
    if (count === undefined) continue;
    const where = `node "${name}" (${node.type})`;
    if (count !== elementCount(shape)) {
      throw new SpikewireError(
        'parameter',
        `${where}.neuron_count`,
        `is ${count}`,
        `${elementCount(shape)}, as the graph`,
      );
    }
    notes.push(`${where}: unknown dataset neuron_count ignored; it agrees with the graph`);
  }
}
