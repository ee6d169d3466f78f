import {
  dequantize,
  elementCount,
  type Model,
  type ResolvedGraph,
  resolveGraph,
  SpikewireError,
  type Wiring,
  wire,
} from '@spikewire/models';
import { type Chip, DISABLED, type NeuronSetup, type SdspSetup, SIZE, SYNAPSE_BYTES } from './chips.ts';
import type { MemoryImage } from './memory-image.ts';
import { fitCell, furthestReach } from './quantise.ts';
import {
  type Cell,
  type LearnedSynapses,
  learnedSynapses,
  type Path,
  placeRows,
  type Row,
  type Source,
} from './rows.ts';

/** How a model lies on a chip: a column for each neuron, one or two rows for each source of spikes. */
export interface Mapping extends LearnedSynapses {
  readonly chip: Chip;
  /** The float form of the model, and its graph. */
  readonly model: Model;
  readonly graph: ResolvedGraph;
  readonly cells: readonly Cell[];
  /** By index of an Input or population, then by element. */
  readonly rows: ReadonlyMap<number, readonly (readonly Row[])[]>;
  readonly rowCount: number;
  readonly image: MemoryImage;
  /** Whether each step begins with a time reference: membranes leak, or calcium falls. */
  readonly hasTimeReferences: boolean;
  readonly sdsp: SdspSetup | undefined;
  /** Largest error of a weight, relative to the largest weight into its neuron, 0 … 1. */
  readonly worstError: number;
}

/**
 * Throws `unsupported` where the model needs more rows than the chip has, or has a node in a place that it cannot be.
 *
 * @param sdsp when the chip changes weights; absent: never
 */
export function mapModel(chip: Chip, given: Model, sdsp?: SdspSetup): Mapping {
  const model = given.quantization === undefined ? given : dequantize(given);
  const wiring = wire(resolveGraph(model.graph, model.semantics));
  const paths = pathsOf(wiring, sdsp !== undefined);
  const columns = firstColumns(wiring.graph);
  const sources = sourcesOf(wiring, paths, columns);
  const cells = fitCells(chip, wiring, columns, sources);
  const placed = placeRows(chip, sources, cells, sdsp !== undefined);
  const setup = cells.map(({ threshold, leak }): NeuronSetup => ({ threshold, leak, learning: sdsp }));
  const image = {
    neurons: neuronsOf(chip, setup),
    synapses: new Uint8Array(SYNAPSE_BYTES),
    inhibitory: placed.inhibitory,
  };
  const mapping = {
    ...{ chip, model, graph: wiring.graph, cells, sdsp, image },
    rows: placed.rows,
    rowCount: placed.count,
    hasTimeReferences: cells.some(({ leak }) => leak > 0) || (sdsp?.leak ?? 0) > 0,
    worstError: cells.reduce((worst, { error }) => Math.max(worst, error), 0),
    ...learnedSynapses(chip, placed, cells, columns, sdsp === undefined ? [] : paths),
  };
  placed.fill(image.synapses);
  return mapping;
}

/** The neuron whose threshold is furthest from its largest weight; absent where there are no neurons. */
export function furthestOf({ cells }: Mapping): Cell | undefined {
  return cells.toSorted((a, b) => b.reach - a.reach)[0];
}

/** Throws `unsupported` where all weights of a neuron would be rounded to 0. */
export function expectReach(mapping: Mapping): void {
  const furthest = furthestOf(mapping);
  const most = furthestReach(mapping.chip);
  if (furthest === undefined || furthest.reach <= most) return;
  const { node, index, reach } = furthest;
  const problem = `has a threshold of ${Number(reach.toPrecision(4))} times its largest weight`;
  const place = `node "${mapping.graph.nodes[node]!.name}", neuron ${index}`;
  throw new SpikewireError('unsupported', place, problem, `${most} times at most, or all weights become 0`);
}

function pathsOf({ graph: { nodes }, incoming, outgoing, connectivity }: Wiring, learns: boolean): Path[] {
  const pairs = new Set<string>();
  const refuse = (index: number, problem: string, expected: string) =>
    new SpikewireError('unsupported', `node "${nodes[index]!.name}"`, problem, expected);
  for (const [index, { kind }] of nodes.entries()) {
    if (kind.role === 'connection') continue;
    const wanted = kind.role === 'output' ? 'neuron' : 'connection';
    const odd = incoming[index]!.find(({ source, delay }) => {
      return nodes[source]!.kind.role !== wanted || (kind.role === 'output' && delay > 0);
    });
    if (odd !== undefined)
      throw refuse(index, `takes what "${nodes[odd.source]!.name}" emits`, `a ${wanted} before it, without a delay`);
  }
  return nodes.flatMap(({ name }, index) => {
    const found = connectivity[index];
    if (found === undefined) return [];
    if (found.bias !== undefined) throw refuse(index, 'has a bias', 'a connection without');
    return incoming[index]!.flatMap((before) =>
      outgoing[index]!.map((after): Path => {
        const { source, target } = { source: before.source, target: after.target };
        for (const end of [source, target])
          if (connectivity[end] !== undefined || nodes[end]!.kind.role === 'output')
            throw refuse(index, `is connected with "${nodes[end]!.name}"`, 'a connection between Inputs and neurons');
        const pair = `${source} ${target}`;
        if (learns && pairs.has(pair)) throw refuse(index, 'has another one beside it', 'one connection that learns');
        pairs.add(pair);
        return { name, connectivity: found, source, target, delay: before.delay + after.delay };
      }),
    );
  });
}

/** By index of a population: its first column. */
function firstColumns({ nodes }: ResolvedGraph): ReadonlyMap<number, number> {
  const columns = new Map<number, number>();
  let next = 0;
  for (const [index, { kind, shape }] of nodes.entries()) {
    if (kind.role !== 'neuron') continue;
    columns.set(index, next);
    next += elementCount(shape);
  }
  return columns;
}

function sourcesOf({ graph }: Wiring, paths: readonly Path[], columns: ReadonlyMap<number, number>): Source[] {
  const found = new Map<string, Source>();
  for (const { source, target, delay, connectivity } of paths) {
    const gain = gainsOf(graph, target);
    const first = columns.get(target)!;
    for (let element = 0; element < connectivity.inputs; element++) {
      const key = `${source} ${element} ${delay}`;
      const { weights } = found.get(key) ?? { weights: [] };
      found.set(key, { node: source, element, delay, weights });
      connectivity.forEachSynapse(element, (output, k) => {
        const weight = (connectivity.weights?.[k] ?? 1) * connectivity.gain * gain[output]!;
        weights[first + output] = (weights[first + output] ?? 0) + weight;
      });
    }
  }
  return [...found.values()];
}

function gainsOf({ nodes }: ResolvedGraph, target: number): Float64Array {
  const { kind, node, shape, semantics } = nodes[target]!;
  if (kind.role !== 'neuron') throw new Error(`${kind.type} is not a neuron`);
  return kind.linear!(node, elementCount(shape), semantics).gain;
}

function fitCells(chip: Chip, { graph }: Wiring, columns: ReadonlyMap<number, number>, sources: readonly Source[]) {
  return [...columns].flatMap(([node, first]) => {
    const { kind, node: own, shape, semantics } = graph.nodes[node]!;
    if (kind.role !== 'neuron') return [];
    const size = elementCount(shape);
    const { decay, gain, firing } = kind.linear!(own, size, semantics);
    return Array.from({ length: size }, (_, index): Cell => {
      const weights = sources.flatMap(({ weights: all }) => all[first + index] ?? []);
      const threshold = firing!.threshold[index]!;
      return {
        node,
        index,
        gain: gain[index]!,
        ...fitCell(chip, weights, threshold, firing!.comparison, decay[index]!),
      };
    });
  });
}

function neuronsOf(chip: Chip, setups: readonly NeuronSetup[]): Uint8Array {
  const { neuronBytes } = chip;
  const words = new Uint8Array(SIZE * neuronBytes);
  for (let n = 0; n < SIZE; n++) {
    const setup = setups[n];
    words.set(chip.neuron(setup ?? { threshold: chip.threshold, leak: 0 }), n * neuronBytes);
    if (setup === undefined) words[(n + 1) * neuronBytes - 1]! |= DISABLED;
  }
  return words;
}
