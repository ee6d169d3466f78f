import {
  type Graph,
  type GraphNode,
  type Model,
  numbersOf,
  type ResolvedGraph,
  resolveGraph,
  SpikewireError,
  scalar,
  tensor,
} from '@spikewire/models';
import { method } from './method.ts';

/**
 * Weights are scaled so that no unit's activation is above 1: w ← w·λ_before/λ, b ← b/λ, with λ the activation of a
 * unit that hardly any sample exceeds (Diehl et al. 2015, data-based; as a percentile by Rueckauer et al. 2017, section
 * 2.2.2). Units become integrate-and-fire neurons of threshold 1 that keep what is above it, so that their rate is the
 * activation. Activations above λ are clipped, and the more steps, the finer the rates.
 */
export const normalise = method({
  name: 'normalise',
  summary: 'an analogue net of ReLUs converted by data-based weight normalisation, tried with more and more steps',
  source: 'Diehl et al. 2015; percentile of Rueckauer et al. 2017',
  parameters: {
    percentile: {
      doc: 'share of activations that are not clipped, in percent',
      form: 'number',
      default: 99.9,
      above: 0,
      maximum: 100,
    },
    candidates: { doc: 'steps of a sample that are tried, joined by commas', form: 'text', default: '4,8,16,32,64' },
  },
  async start({ model, data, seed, backend }, { percentile, candidates }) {
    if (model === undefined) {
      throw new SpikewireError('usage', 'spikewire train', '--model is missing', 'an analogue net, --neuron relu');
    }
    const [{ activationsOf }, { ConversionRun }] = await Promise.all([
      import('../runs/activations.ts'),
      import('../runs/conversion.ts'),
    ]);
    const scales = await activationsOf(model, data.training ?? data, percentile / 100, backend);
    const graph = spikingGraph(model, scales);
    const spiking = (steps: number): Model => ({
      ...model,
      graph,
      semantics: { ...model.semantics, reset: 'subtract', spikesPerStep: 'one' },
      sample: { steps, between: 'reset' },
    });
    return new ConversionRun({ data, seed, spiking, sweep: stepsOf(candidates) });
  },
});

function stepsOf(text: string): number[] {
  const steps = text.split(',').map(Number);
  if (steps.every((count) => Number.isSafeInteger(count) && count > 0)) return steps.sort((a, b) => a - b);
  throw new SpikewireError('usage', 'spikewire train --candidates', `is "${text}"`, 'steps such as 4,8,16');
}

/** The graph with neurons for units and normalised weights. Throws `unsupported` for what is no analogue net. */
function spikingGraph(model: Model, scales: ReadonlyMap<string, number>): Graph {
  if (scales.size === 0 || [...model.graph.nodes.values()].some((node) => node.graph !== undefined)) {
    throw new SpikewireError(
      'unsupported',
      'the model to convert',
      'has no ReLU, or sub-graphs',
      'an analogue net, --neuron relu',
    );
  }
  const graph = resolveGraph(model.graph, model.semantics);
  refuseOthers(graph);
  const nodes = [...model.graph.nodes].map(([name, node]): [string, GraphNode] => {
    const index = graph.nodes.findIndex((each) => each.name === name);
    if (node.type === 'ReLU') return [name, neuron(model.semantics.dt)];
    if (numbersOf(node, 'weight') === undefined) return [name, node];
    const before = scaleAt(graph, index, 'source', scales);
    const after = scaleAt(graph, index, 'target', scales);
    return [name, { ...node, parameters: { ...node.parameters, ...scaled(node, before / after, 1 / after) } }];
  });
  return { nodes: new Map(nodes), edges: model.graph.edges };
}

function neuron(dt: number): GraphNode {
  return { type: 'IF', parameters: { r: scalar(1 / dt), v_threshold: scalar(1) } };
}

function scaled(node: GraphNode, ofWeights: number, ofBias: number) {
  const parts = [['weight', ofWeights] as const, ['bias', ofBias] as const].flatMap(([key, factor]) => {
    const numbers = numbersOf(node, key);
    if (numbers === undefined) return [];
    return [
      [
        key,
        tensor(
          Float32Array.from(numbers.data, (value) => value * factor),
          numbers.shape,
        ),
      ] as const,
    ];
  });
  return Object.fromEntries(parts);
}

/**
 * Neurons other than ReLU and factors have no place in an analogue net that is normalised; pooling and reshaping stay
 * as they are.
 */
function refuseOthers({ nodes }: ResolvedGraph): void {
  const other = nodes.find(
    ({ kind, node }) => (kind.role === 'neuron' && kind.type !== 'ReLU') || numbersOf(node, 'scale') !== undefined,
  );
  if (other === undefined) return;
  const where = `node "${other.name}" (${other.node.type})`;
  throw new SpikewireError('unsupported', where, 'cannot be normalised', 'ReLU, weights, pooling and reshaping');
}

/**
 * λ of what a connection gets its values from, or leads to, through others without weights; 1 for Inputs and Outputs.
 */
function scaleAt(
  graph: ResolvedGraph,
  index: number,
  side: 'source' | 'target',
  scales: ReadonlyMap<string, number>,
): number {
  const from = side === 'source' ? 'target' : 'source';
  const found = graph.edges
    .filter((edge) => edge[from] === index)
    .map((edge) => {
      const { name, kind, node } = graph.nodes[edge[side]]!;
      if (kind.role === 'input' || kind.role === 'output') return 1;
      const own = scales.get(name);
      if (own !== undefined) return own;
      if (numbersOf(node, 'weight') === undefined) return scaleAt(graph, edge[side], side, scales);
      throw new SpikewireError('unsupported', `node "${name}"`, 'has weights next to weights', 'a ReLU between them');
    });
  if (found.every((scale) => scale === found[0])) return found[0] ?? 1;
  const where = `node "${graph.nodes[index]!.name}"`;
  throw new SpikewireError('unsupported', where, 'joins units of different scales', 'weights on each branch');
}
