import {
  type Graph,
  type GraphNode,
  type JsonObject,
  type JsonValue,
  type Model,
  type ParameterValue,
  type ResolvedNode,
  resolveGraph,
  SpikewireError,
} from '@spikewire/models';
import { type Hdf5Dataset, type Hdf5Group, type Hdf5Node, writeHdf5 } from '../hdf5/index.ts';
import { OWN, ownText, stepMetadata } from './hints.ts';
import { dataset, metadataGroup, text } from './metadata.ts';
import { type NirDataset, primitiveOf, SUBGRAPH } from './primitives.ts';
import { checkSayable } from './sayable.ts';

/** The version of the package `nir` whose layout this is. */
const VERSION = '1.0.8';
/** As that package compresses. */
const GZIP = 4;

/**
 * A NIR file of a model's graph, with full arrays for all parameters. Its step rule, sample, channels, labels and
 * provenance go into the net's metadata, which NIR lets readers ignore. Throws `unsupported`, with the node in front,
 * for what NIR cannot say.
 */
export function writeNir(model: Model): Uint8Array {
  const { nodes } = resolveGraph(model.graph, model.semantics);
  checkSayable(model, nodes);
  const metadata = writtenMetadata(model);
  const writer = new NirWriter(new Map(nodes.map((node) => [node.name, node])), metadata);
  const file = group([
    ['version', text([VERSION])],
    ['node', writer.graph(model.graph, '')],
  ]);
  return writeHdf5(file, { gzip: GZIP });
}

class NirWriter {
  readonly #resolved: ReadonlyMap<string, ResolvedNode>;
  readonly #metadata: JsonObject;

  constructor(resolved: ReadonlyMap<string, ResolvedNode>, metadata: JsonObject) {
    this.#resolved = resolved;
    this.#metadata = metadata;
  }

  graph({ nodes, edges }: Graph, path: string): Hdf5Group {
    const members = [...nodes].map(([name, node]): [string, Hdf5Node] => {
      if (name.includes('/')) {
        throw new SpikewireError('unsupported', `node "${name}"`, 'has a "/" in its name', 'a name without it');
      }
      return [name, this.#node(node, path === '' ? name : `${path}/${name}`)];
    });
    const ends = edges.flatMap(({ source, target, port }) => [
      source,
      port === undefined ? target : `${target}.${port}`,
    ]);
    return group([
      ['type', text([SUBGRAPH])],
      ['nodes', group(members)],
      ['edges', text(ends, [edges.length, 2])],
      ...this.#metadataOf(path),
    ]);
  }

  #node(node: GraphNode, path: string): Hdf5Group {
    if (node.graph !== undefined) return this.graph(node.graph, path);
    const resolved = this.#resolved.get(path);
    if (resolved === undefined) {
      throw new SpikewireError('unsupported', `node "${path}"`, 'has no edge, and so no size', 'a node with an edge');
    }
    // What resolving made of the ends of sub-graphs and of Delays has other parameters.
    const own = { ...resolved, node };
    const datasets = Object.entries(primitiveOf(node.type)!.datasets).map(([name, declared]): [string, Hdf5Node] => [
      name,
      written(declared, own),
    ]);
    return group([['type', text([node.type])], ...datasets, ...this.#metadataOf(path)]);
  }

  #metadataOf(path: string): [string, Hdf5Group][] {
    const metadata = Object.hasOwn(this.#metadata, path) ? this.#metadata[path] : undefined;
    return isObject(metadata) && Object.keys(metadata).length > 0 ? [['metadata', metadataGroup(metadata)]] : [];
  }
}

function group(children: readonly (readonly [string, Hdf5Node])[]): Hdf5Group {
  return { kind: 'group', attributes: new Map(), children: new Map(children) };
}

function written(declared: NirDataset, node: ResolvedNode): Hdf5Dataset {
  const value: ParameterValue = declared.written(node);
  if (typeof value === 'string') return text([value]);
  const { shape, data } = value;
  if (declared.form === 'elements' || declared.form === 'reals') {
    const bytes = data instanceof Float32Array ? 4 : 8;
    return dataset({ shape, values: Float64Array.from(data), type: { class: 'float', bytes, order: 'little' } });
  }
  return dataset({
    shape,
    values: Float64Array.from(data),
    type: { class: 'integer', bytes: 8, signed: true, order: 'little' },
  });
}

/** What was read with the file, and what only a model has. */
function writtenMetadata(model: Model): JsonObject {
  const read = isObject(model.provenance.nir) ? model.provenance.nir.metadata : undefined;
  const kept = isObject(read) ? read : {};
  const net = isObject(kept['']) ? kept[''] : {};
  return { ...kept, '': { ...net, ...stepMetadata(model.semantics), [OWN]: ownText(model) } };
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
