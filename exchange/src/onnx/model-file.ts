import { SpikewireError } from '@spikewire/models';
import { ReadingMemory } from '../reading-memory.ts';
import { ProtobufMessage } from './protobuf-message.ts';
import { type OnnxTensor, readTensor } from './tensor.ts';

/** A value that enters or leaves a graph. A size that the file leaves open is undefined. */
export interface OnnxValueInfo {
  readonly name: string;
  /** Absent where the file does not say. */
  readonly shape?: readonly (number | undefined)[];
}

export interface OnnxNode {
  /** As the file calls it; empty where it does not. */
  readonly name: string;
  readonly operator: string;
  /** Empty for ONNX's own operators. */
  readonly domain: string;
  /** Names of values; empty where an optional one is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** By name; read when somebody asks. */
  readonly attributes: ReadonlyMap<string, ProtobufMessage>;
}

/** What an ONNX file holds, as far as an analogue net needs it. */
export interface OnnxModelFile {
  readonly producer: string;
  /** Keys of the texts that are added for those who run it. */
  readonly metadata: ReadonlySet<string>;
  readonly opset: number;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: ReadonlyMap<string, OnnxTensor>;
  /** Initializers not among them. */
  readonly inputs: readonly OnnxValueInfo[];
  readonly outputs: readonly OnnxValueInfo[];
}

/** Field numbers by message (onnx.proto). */
const MODEL = { producer: 2, graph: 7, opset: 8, metadata: 14 };
const ENTRY_KEY = 1;
const OPSET_ID = { domain: 1, version: 2 };
const GRAPH = { node: 1, initializer: 5, input: 11, output: 12, sparse: 15 };
const NODE = { input: 1, output: 2, name: 3, operator: 4, attribute: 5, domain: 7 };
const TENSOR_NAME = 8;

/** Versions of ONNX's operators whose meanings are known here. */
const [OLDEST, NEWEST] = [7, 24];

/**
 * Reads an ONNX file. Throws `file` for bytes that are none, `unsupported` for what stands in other files, and `budget`
 * for what takes more memory.
 */
export function readModelFile(bytes: Uint8Array, memory = new ReadingMemory(Number.POSITIVE_INFINITY)): OnnxModelFile {
  const model = new ProtobufMessage(bytes, 'model', memory);
  const graph = model.message(MODEL.graph, 'graph');
  if (graph === undefined) throw new SpikewireError('file', 'model', 'has no graph', 'an ONNX model');
  if (graph.bytes(GRAPH.sparse) !== undefined) {
    throw new SpikewireError('unsupported', 'graph', 'has sparse initializers', 'dense ones');
  }
  const initializers = new Map(
    graph
      .messages(GRAPH.initializer, (index) => `initializer ${index}`)
      .map((message) => {
        const name = message.text(TENSOR_NAME);
        return [name, readTensor(message, `initializer "${name}"`)] as const;
      }),
  );
  const infos = (field: number, what: string) =>
    graph.messages(field, (index) => `${what} ${index}`).map((message) => valueInfo(message, what));
  return {
    producer: model.text(MODEL.producer),
    metadata: new Set(
      model.messages(MODEL.metadata, (index) => `metadata ${index}`).map((entry) => entry.text(ENTRY_KEY)),
    ),
    opset: opsetOf(model),
    nodes: graph.messages(GRAPH.node, (index) => `node ${index}`).map(nodeOf),
    initializers,
    inputs: infos(GRAPH.input, 'input').filter(({ name }) => !initializers.has(name)),
    outputs: infos(GRAPH.output, 'output'),
  };
}

function opsetOf(model: ProtobufMessage): number {
  const own = model
    .messages(MODEL.opset, (index) => `opset ${index}`)
    .find((message) => isOwnDomain(message.text(OPSET_ID.domain)));
  const version = own?.integer(OPSET_ID.version);
  if (version !== undefined && version >= OLDEST && version <= NEWEST) return version;
  const problem = version === undefined ? 'names no version of its operators' : `has operators of version ${version}`;
  throw new SpikewireError('unsupported', 'model', problem, `opset ${OLDEST} to ${NEWEST}`);
}

const isOwnDomain = (domain: string) => domain === '' || domain === 'ai.onnx';

function nodeOf(message: ProtobufMessage, index: number): OnnxNode {
  const domain = message.text(NODE.domain);
  const attributes = message.messages(NODE.attribute, (k) => `attribute ${k} of node ${index}`);
  return {
    name: message.text(NODE.name),
    operator: message.text(NODE.operator),
    domain: isOwnDomain(domain) ? '' : domain,
    inputs: message.texts(NODE.input),
    outputs: message.texts(NODE.output),
    attributes: new Map(attributes.map((attribute) => [attribute.text(1), attribute])),
  };
}

/** ValueInfoProto → TypeProto → TypeProto.Tensor → TensorShapeProto → Dimension. */
function valueInfo(message: ProtobufMessage, what: string): OnnxValueInfo {
  const name = message.text(1);
  const where = `${what} "${name}"`;
  const shape = message.message(2, where)?.message(1, where)?.message(2, where);
  if (shape === undefined) return { name };
  return { name, shape: shape.messages(1, () => where).map((dimension) => dimension.integer(1)) };
}
