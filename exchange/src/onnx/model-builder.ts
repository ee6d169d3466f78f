import type { Shape } from '@spikewire/models';
import { ProtobufWriter } from './protobuf.ts';
import { DOUBLE, FLOAT, INT8, INT32, INT64, UINT8 } from './tensor.ts';

/** An attribute of an ONNX node: a whole number, a list of them, or a word. */
export type OnnxAttribute = number | string | readonly number[];

/** Sizes of a value from outside; a name stands for one that every run may choose. */
export type OnnxShape = readonly (number | string)[];

/** Version of the operators, and of the format that first allows it (ONNX 1.13 of 2022). */
const OPSET = 18;
const IR_VERSION = 8;

/** Field numbers, by message (onnx.proto). */
const MODEL = { irVersion: 1, producer: 2, graph: 7, opset: 8, metadata: 14 };
const OPSET_ID = { domain: 1, version: 2 };
const GRAPH = { node: 1, name: 2, initializer: 5, input: 11, output: 12 };
const NODE = { input: 1, output: 2, name: 3, operator: 4, attribute: 5 };
const ATTRIBUTE = { name: 1, integer: 3, text: 4, integers: 8, type: 20 };
const ATTRIBUTE_TYPE = { integer: 2, text: 3, integers: 7 };
const TENSOR = { dimension: 1, type: 2, name: 8, data: 9 };

const ENTRY = { key: 1, value: 2 };

interface Node {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly results: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

/** Builds an ONNX model node by node: nodes in the order in which they are emitted, values by name. */
export class OnnxModelBuilder {
  readonly #graph = new ProtobufWriter();
  readonly #constants = new Map<string, string>();
  readonly #nodes: Node[] = [];
  /** Results of the model by the names that their values had, one for each. */
  readonly #outputs = new Map<string, string>();
  readonly #metadata = new Map<string, string>();
  #count = 0;

  /** How many nodes there are so far. */
  get nodes(): number {
    return this.#nodes.length;
  }

  /** Adds a node with one result and returns the result's name. */
  emit(operator: string, inputs: readonly string[], attributes: Readonly<Record<string, OnnxAttribute>> = {}): string {
    return this.emitMany(operator, inputs, 1, attributes)[0]!;
  }

  emitMany(
    operator: string,
    inputs: readonly string[],
    results: number,
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
  ): string[] {
    const names = Array.from({ length: results }, () => this.#newName(operator));
    this.#nodes.push({ operator, inputs, results: names, attributes });
    return names;
  }

  /** A float32 scalar; equal ones are stored once. */
  scalar(value: number): string {
    return this.#constant(FLOAT, [], new Uint8Array(Float32Array.of(value).buffer));
  }

  /** A float64 scalar; equal ones are stored once. */
  double(value: number): string {
    return this.#constant(DOUBLE, [], new Uint8Array(Float64Array.of(value).buffer));
  }

  /** An int64 scalar; equal ones are stored once. */
  integer(value: number): string {
    return this.#constant(INT64, [], new Uint8Array(BigInt64Array.of(BigInt(value)).buffer));
  }

  /** A list of float32. */
  floats(values: readonly number[]): string {
    return this.#constant(FLOAT, [values.length], new Uint8Array(Float32Array.from(values).buffer));
  }

  /** A list of int64, as shapes and axes are given. */
  integers(values: readonly number[]): string {
    return this.#constant(INT64, [values.length], new Uint8Array(BigInt64Array.from(values, BigInt).buffer));
  }

  /** An array of float32, stored as it is. */
  array(values: Float32Array, shape: Shape): string {
    return this.#initializer(FLOAT, shape, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }

  /** An array of whole numbers, as weights and zero points of quantised nets are. */
  whole(values: WholeNumbers, shape: Shape): string {
    const type = wholeTypeOf(values);
    return this.#initializer(type, shape, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }

  /** Declares a value that comes from outside, of one of ONNX's element types. */
  input(name: string, shape: OnnxShape, type: number = FLOAT): void {
    this.#graph.message(GRAPH.input, valueInfo(name, shape, type));
  }

  /** Adds a text for those who run the model. */
  describe(key: string, text: string): void {
    this.#metadata.set(key, text);
  }

  /** Declares `value` as a result of the model under the name `name`. */
  output(name: string, value: string, shape: OnnxShape, type: number = FLOAT): void {
    const isMade = this.#nodes.some(({ results }) => results.includes(value));
    // A node writes a result under its name; a copy would take time.
    if (isMade && !this.#outputs.has(value)) this.#outputs.set(value, name);
    else this.#nodes.push({ operator: 'Identity', inputs: [value], results: [name], attributes: {} });
    this.#graph.message(GRAPH.output, valueInfo(name, shape, type));
  }

  /** The bytes of the model. */
  finish(): Uint8Array {
    for (const node of this.#nodes) this.#graph.message(GRAPH.node, this.#written(node));
    this.#graph.text(GRAPH.name, 'spikewire');
    const model = new ProtobufWriter()
      .integer(MODEL.irVersion, IR_VERSION)
      .text(MODEL.producer, 'spikewire')
      .message(MODEL.graph, this.#graph)
      .message(MODEL.opset, new ProtobufWriter().text(OPSET_ID.domain, '').integer(OPSET_ID.version, OPSET));
    for (const [key, text] of this.#metadata) {
      model.message(MODEL.metadata, new ProtobufWriter().text(ENTRY.key, key).text(ENTRY.value, text));
    }
    return model.finish();
  }

  #newName(operator: string): string {
    this.#count++;
    return `${operator}_${this.#count}`;
  }

  #written({ operator, inputs, results, attributes }: Node): ProtobufWriter {
    const nameOf = (value: string) => this.#outputs.get(value) ?? value;
    const node = new ProtobufWriter();
    for (const input of inputs) node.text(NODE.input, nameOf(input));
    for (const result of results) node.text(NODE.output, nameOf(result));
    node.text(NODE.name, `make ${results[0]}`).text(NODE.operator, operator);
    for (const [name, value] of Object.entries(attributes)) node.message(NODE.attribute, attribute(name, value));
    return node;
  }

  #constant(type: number, shape: Shape, data: Uint8Array): string {
    const key = `${type} ${shape} ${Buffer.from(data).toString('base64')}`;
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const name = this.#initializer(type, shape, data);
    this.#constants.set(key, name);
    return name;
  }

  #initializer(type: number, shape: Shape, data: Uint8Array): string {
    const name = this.#newName('constant');
    const tensor = new ProtobufWriter();
    for (const size of shape) tensor.integer(TENSOR.dimension, size);
    tensor.integer(TENSOR.type, type).text(TENSOR.name, name).bytes(TENSOR.data, data);
    this.#graph.message(GRAPH.initializer, tensor);
    return name;
  }
}

type WholeNumbers = Int8Array | Uint8Array | Int32Array | BigInt64Array;

function wholeTypeOf(values: WholeNumbers): number {
  if (values instanceof Int8Array) return INT8;
  if (values instanceof Uint8Array) return UINT8;
  return values instanceof Int32Array ? INT32 : INT64;
}

function attribute(name: string, value: OnnxAttribute): ProtobufWriter {
  const written = new ProtobufWriter().text(ATTRIBUTE.name, name);
  if (typeof value === 'number') {
    return written.integer(ATTRIBUTE.integer, value).integer(ATTRIBUTE.type, ATTRIBUTE_TYPE.integer);
  }
  if (typeof value === 'string') {
    return written.text(ATTRIBUTE.text, value).integer(ATTRIBUTE.type, ATTRIBUTE_TYPE.text);
  }
  for (const one of value) written.integer(ATTRIBUTE.integers, one);
  return written.integer(ATTRIBUTE.type, ATTRIBUTE_TYPE.integers);
}

/** ValueInfoProto → TypeProto → TypeProto.Tensor → TensorShapeProto → Dimension. */
function valueInfo(name: string, shape: OnnxShape, type: number): ProtobufWriter {
  const dimensions = new ProtobufWriter();
  for (const size of shape) {
    const dimension = new ProtobufWriter();
    dimensions.message(1, typeof size === 'number' ? dimension.integer(1, size) : dimension.text(2, size));
  }
  const tensorType = new ProtobufWriter().integer(1, type).message(2, dimensions);
  return new ProtobufWriter().text(1, name).message(2, new ProtobufWriter().message(1, tensorType));
}
