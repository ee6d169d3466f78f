import { formatShape, SpikewireError, sameShape } from '@spikewire/models';
import type { OnnxNode } from '../../model-file.ts';
import type { ProtobufMessage } from '../../protobuf-message.ts';
import { readTensor } from '../../tensor.ts';
import type { NetWriter } from './net-writer.ts';
import { broadcastable, placeOf, repeatingStrides } from './strides.ts';
import { type Constant, isSignal, type Signal, type Spread, sampleSize, type Value } from './value.ts';

/** What nodes of some operators come to in a model: one file, one line in the index. */
export interface OnnxOperator {
  readonly types: readonly string[];
  /** Whether it may stand behind an answer. */
  readonly keepsAnswers?: boolean;
  /** Whether it takes up zeros that wait around what it gets; they become a node in front of others. */
  readonly takesPadding?: boolean;
  apply(site: OperatorSite): Value;
}

/** Field numbers of AttributeProto. */
const ATTRIBUTE = { float: 2, integer: 3, text: 4, tensor: 5, floats: 7, integers: 8 };

/** A node of the file where an operator works on it: inputs, attributes, errors. */
export class OperatorSite {
  readonly net: NetWriter;
  readonly opset: number;
  /** Of its node of the model. */
  readonly name: string;
  readonly node: OnnxNode;
  readonly inputs: readonly (Value | undefined)[];

  constructor(net: NetWriter, opset: number, node: OnnxNode, inputs: readonly (Value | undefined)[]) {
    this.net = net;
    this.opset = opset;
    this.node = node;
    this.name = node.name || node.outputs[0] || node.operator;
    this.inputs = inputs;
  }

  value(index: number): Value {
    return this.inputs[index] ?? this.#missing(index);
  }

  signal(index: number): Signal {
    const value = this.value(index);
    if (isSignal(value)) return value;
    throw this.refuse(`has a constant as input ${index}`, 'a value that depends on the sample');
  }

  constant(index: number): Constant {
    return this.optionalConstant(index) ?? this.#missing(index);
  }

  optionalConstant(index: number): Constant | undefined {
    const value = this.inputs[index];
    if (value === undefined || !isSignal(value)) return value;
    throw this.refuse(`has an input ${index} that depends on the sample`, 'a constant');
  }

  integer(name: string, preset: number): number {
    return this.#attribute(name)?.integer(ATTRIBUTE.integer) ?? preset;
  }

  float(name: string, preset: number): number {
    return this.#attribute(name)?.float(ATTRIBUTE.float) ?? preset;
  }

  text(name: string, preset: string): string {
    return this.#attribute(name)?.text(ATTRIBUTE.text) || preset;
  }

  integers(name: string): number[] | undefined {
    return this.#attribute(name)?.integers(ATTRIBUTE.integers);
  }

  floats(name: string): number[] | undefined {
    return this.#attribute(name)?.floats(ATTRIBUTE.floats, 4);
  }

  /** Numbers that are an attribute in some versions of an operator and an input in others. */
  numbers(name: string, index: number): number[] | undefined {
    return this.integers(name) ?? (this.inputs[index] && Array.from(this.constant(index).data));
  }

  tensor(name: string): Constant | undefined {
    const message = this.#attribute(name)?.message(ATTRIBUTE.tensor, `${this.#where()}.${name}`);
    return message && readTensor(message, `${this.#where()}.${name}`);
  }

  /** An axis counted from the front, of so many. */
  axis(axis: number, rank: number): number {
    const found = axis < 0 ? axis + rank : axis;
    if (Number.isInteger(found) && found >= 0 && found < rank) return found;
    throw this.refuse(`uses axis ${axis} of ${rank} axes`, 'an existing axis');
  }

  /**
   * A signal with one channel after the other, as ONNX sees it: in that shape, and nothing in another order. The Input
   * takes the shape that is wanted.
   */
  inOrder(signal: Signal): Signal {
    const [, ...wanted] = signal.shape;
    if (signal.order === undefined && sameShape(signal.physical, wanted)) return signal;
    const declared = this.net.declareInput(signal, wanted);
    if (declared !== undefined) return declared;
    const problem = `gets elements of ${formatShape(signal.physical)} as ${formatShape(wanted)}`;
    throw this.refuse(
      signal.order === undefined ? problem : `${problem}, transposed`,
      'them as the node before gives them',
    );
  }

  /** The same, and zeros that wait around what it gets have become nodes. */
  withoutPadding(): OperatorSite {
    const inputs = this.inputs.map((value) => {
      if (value === undefined || !isSignal(value) || value.padding === undefined) return value;
      const { before, behind } = value.padding;
      if (before[1] === 0 && behind[1] === 0) return this.net.padded(this.name, this.inOrder(value));
      throw this.refuse('pads a transposed value with zeros', 'Conv or pooling behind Pad');
    });
    return new OperatorSite(this.net, this.opset, this.node, inputs);
  }

  /** Numbers of a constant beside a signal, as ONNX broadcasts, by place in what the sources of the signal give. */
  spread(constant: Constant, signal: Signal): Spread {
    const { data } = constant;
    if (data.length === 1) return Float64Array.of(data[0]!);
    const { shape, physical, order } = signal;
    const padded = broadcastable(constant.shape, shape);
    if (padded === undefined) {
      throw this.refuse(
        `has a constant of ${formatShape(constant.shape)} beside ${formatShape(shape)}`,
        'one that fits',
      );
    }
    if (padded[0] !== 1 && shape[0] !== 1)
      throw this.refuse('has a constant for each sample of a batch', 'one for all');
    const [channels] = physical;
    const isOfChannels = padded.every((length, k) => k === 1 || length === 1);
    if (isOfChannels && order === undefined && channels === padded[1] && shape[1] === channels) {
      return Float64Array.from(data);
    }
    const size = sampleSize(signal);
    this.net.take(size);
    const found = new Float64Array(size);
    const strides = repeatingStrides(padded);
    for (let k = 0; k < size; k++) found[order?.[k] ?? k] = data[placeOf(k, shape, strides)]!;
    return perChannel(found, channels!);
  }

  /** `node "x" (Conv of [1, 8, 28, 28]): …` */
  refuse(problem: string, expected: string): SpikewireError {
    return new SpikewireError('unsupported', this.#where(), problem, expected);
  }

  #where(): string {
    return describeNode(this.node, this.inputs);
  }

  #attribute(name: string): ProtobufMessage | undefined {
    return this.node.attributes.get(name);
  }

  #missing(index: number): never {
    throw new SpikewireError('file', this.#where(), `has no input ${index}`, 'one');
  }
}

/** A node as errors name it: its name, its operator, and the shape of what it gets. */
export function describeNode(node: OnnxNode, inputs: readonly (Value | undefined)[]): string {
  const operator = node.domain === '' ? node.operator : `${node.domain}.${node.operator}`;
  const first = inputs.find((value) => value !== undefined && isSignal(value)) ?? inputs[0];
  const of = first === undefined ? '' : ` of ${formatShape(first.shape)}`;
  return `node "${node.name || node.outputs[0] || ''}" (${operator}${of})`;
}

/** One number per channel where all elements of each have the same. */
function perChannel(spread: Spread, channels: number): Spread {
  const pixels = spread.length / channels;
  return spread.every((value, k) => value === spread[k - (k % pixels)])
    ? spread.filter((_, k) => k % pixels === 0)
    : spread;
}
