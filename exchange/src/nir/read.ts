import {
  defaultBudget,
  type Edge,
  type Graph,
  type GraphNode,
  type JsonObject,
  numbersOf,
  type ParameterValue,
  SpikewireError,
  scalar,
} from '@spikewire/models';
import { type Hdf5Group, readHdf5 } from '../hdf5/index.ts';
import { ReadingMemory } from '../reading-memory.ts';
import { edgesIn, groupIn, parameterIn, textIn } from './datasets.ts';
import { soundEdges } from './edges.ts';
import { metadataOf } from './metadata.ts';
import type { NirNet } from './net.ts';
import { type NirPrimitive, primitiveOf, primitives, SUBGRAPH } from './primitives.ts';
import { checkCounts, checkSizes, type NeuronCounts, noteSpread } from './sizes.ts';
import { withTerminals } from './terminals.ts';

/** How much a net takes beside its numbers, for each node and each edge. */
const [OF_NODE, OF_EDGE] = [2048, 512];

export interface NirReadOptions {
  /** Bytes at most. */
  readonly memory?: number | undefined;
  /** Lets an edge to an unknown node lead to the only population without an edge. */
  readonly repair?: boolean | undefined;
}

/**
 * Reads the net of a NIR file and mends what real files lack; each repair is a note. Throws `file` for what is no such
 * file, `graph` and `parameter` for a net that contradicts itself, `unsupported` for unknown types and datasets, and
 * `budget` where it takes more than `memory`; each names the node or the edge.
 */
export function readNir(
  bytes: Uint8Array,
  { memory = defaultBudget.bytes, repair = false }: NirReadOptions = {},
): NirNet {
  const reader = new NirReader(new ReadingMemory(memory), repair);
  return reader.file(bytes);
}

class NirReader {
  readonly #memory: ReadingMemory;
  readonly #repair: boolean;
  readonly #notes: string[] = [];
  readonly #metadata: Record<string, JsonObject> = {};
  readonly #counts: NeuronCounts = new Map();

  constructor(memory: ReadingMemory, repair: boolean) {
    this.#memory = memory;
    this.#repair = repair;
  }

  file(bytes: Uint8Array): NirNet {
    const root = readHdf5(bytes, this.#memory);
    const node = groupIn(root, 'node', rootPlace(root));
    const version = root.children.has('version') ? textIn(root, 'version', 'file') : '';
    const type = textIn(node, 'type', 'root node');
    const read = type === SUBGRAPH ? this.#graph(node, '') : this.#lone(node, type);
    if (read.nodes.size === 0) throw new SpikewireError('graph', 'root node', 'has no nodes', 'a net');
    const graph = withTerminals(read, this.#notes);
    checkCounts(graph, this.#counts, this.#notes);
    noteSpread(graph, this.#notes);
    return { graph, version, metadata: this.#metadata, notes: this.#notes };
  }

  /** A node that stands where the graph should be is the only one. */
  #lone(group: Hdf5Group, type: string): Graph {
    const name = type.toLowerCase();
    this.#notes.push(`root node is a ${type} and no graph: read as a graph of the node "${name}"`);
    return { nodes: new Map([[name, this.#node(group, name)]]), edges: [] };
  }

  #graph(group: Hdf5Group, path: string): Graph {
    const where = path === '' ? 'root node' : `node "${path}"`;
    this.#keepMetadata(group, path, where);
    for (const name of group.children.keys()) {
      if (!['type', 'nodes', 'edges', 'metadata'].includes(name)) throw unknownDataset(where, name, 'nodes, edges');
    }
    const children = groupIn(group, 'nodes', where).children;
    const nodes = new Map<string, GraphNode>();
    for (const name of children.keys()) {
      const child = groupIn(groupIn(group, 'nodes', where), name, `${where}.nodes`);
      nodes.set(name, this.#node(child, path === '' ? name : `${path}/${name}`));
    }
    const pairs = edgesIn(group, where);
    this.#memory.take(`${where}.edges`, OF_EDGE * pairs.length);
    const edges = pairs.map(([source, target]): Edge => ({ source, target, delay: 0 }));
    return soundEdges({ nodes, edges }, path, this.#repair, this.#notes);
  }

  #node(group: Hdf5Group, path: string): GraphNode {
    const place = `node "${path}"`;
    this.#memory.take(place, OF_NODE + path.length);
    const type = textIn(group, 'type', place);
    if (type === SUBGRAPH) return { type, parameters: {}, graph: this.#graph(group, path) };
    const primitive = primitiveOf(type);
    if (primitive === undefined) {
      const known = [...primitives.map((each) => each.type), SUBGRAPH].join(', ');
      throw new SpikewireError('unsupported', place, `has the type "${type}", which is unknown`, known);
    }
    const where = `${place} (${type})`;
    this.#keepMetadata(group, path, where);
    this.#refuseUnknown(group, primitive, path, where);
    const parameters = Object.entries(primitive.datasets).flatMap(([name, dataset]): [string, ParameterValue][] => {
      if (group.children.has(name)) return [[name, parameterIn(group, name, dataset, where, this.#memory)]];
      const preset = this.#withoutDataset(primitive, name, where);
      return preset === undefined ? [] : [[name, preset]];
    });
    const node = { type, parameters: Object.fromEntries(parameters) };
    checkSizes(node, primitive, where);
    this.#noteWindow(node, primitive, where);
    return node;
  }

  /** What stands for a dataset that a file lacks; undefined where a model has a default, or the graph says it. */
  #withoutDataset({ type, datasets }: NirPrimitive, name: string, where: string): ParameterValue | undefined {
    if (type === 'Flatten' && name !== 'input_type') {
      const preset = name === 'start_dim' ? 1 : -1;
      this.#notes.push(`${where}.${name} is missing: ${preset} is used, the default of NIR`);
      return scalar(preset);
    }
    if (!datasets[name]!.optional) throw new SpikewireError('parameter', `${where}.${name}`, 'is missing', 'a dataset');
    const isInferred = name === 'input_shape' || name === 'input_type';
    if (isInferred) this.#notes.push(`${where}.${name} is missing: taken from its input`);
    return undefined;
  }

  #refuseUnknown({ children }: Hdf5Group, { datasets }: NirPrimitive, path: string, where: string): void {
    for (const [name, child] of children) {
      if (name === 'type' || name === 'metadata' || Object.hasOwn(datasets, name)) continue;
      // Proposed for populations whose parameters are scalars (NIR, issue 176).
      if (name === 'neuron_count' && child.kind === 'dataset' && child.type.class === 'integer') {
        this.#counts.set(path, Number(child.values[0] ?? 0));
      } else {
        throw unknownDataset(where, name, Object.keys(datasets).join(', '));
      }
    }
  }

  #noteWindow(node: GraphNode, { datasets }: NirPrimitive, where: string): void {
    const single = Object.keys(datasets).filter((name) => {
      const value = datasets[name]!.form === 'axes' ? numbersOf(node, name) : undefined;
      return node.type.endsWith('2d') && value?.data.length === 1;
    });
    if (single.length > 0) this.#notes.push(`${where}: one number for both axes in ${single.join(', ')}`);
  }

  #keepMetadata(group: Hdf5Group, path: string, where: string): void {
    const metadata = metadataOf(group, where, this.#memory);
    if (metadata !== undefined) this.#metadata[path] = metadata;
  }
}

function unknownDataset(where: string, name: string, known: string): SpikewireError {
  return new SpikewireError('unsupported', where, `has the dataset "${name}", which is unknown`, known);
}

/** Recordings have their content in attributes (NIRData, section 6 of nir 1.0.8). */
function rootPlace({ attributes }: Hdf5Group): string {
  const type = attributes.get('__type__')?.values[0];
  if (typeof type !== 'string' || !type.startsWith('NIR')) return 'file';
  throw new SpikewireError('unsupported', 'file', `holds recordings (${type}), no net`, 'a NIR file with a net');
}
