import type {
  AdaptationQuantization,
  ConnectionQuantization,
  CurrentQuantization,
  InputQuantization,
  NeuronQuantization,
  Quantization,
} from '../../model/quantization.ts';
import type { Tensor, TensorData } from '../../tensor.ts';
import type { JsonTree } from './json-tree.ts';
import { parseTensor, type TensorSource } from './numbers.ts';
import { checkName, type Place } from './place.ts';
import type { DocumentWriter } from './writer.ts';

const INT32: Range = [-(2 ** 31), 2 ** 31 - 1];
/** Decays and gains are fixed-point numbers of which 2^15 is 1. */
const FACTOR: Range = [-(2 ** 15), 2 ** 15];
const LARGEST_SHIFT = 24;
const LARGEST_FRACTION = 31;

type Range = readonly [lowest: number, highest: number];

/** Reads the constants of the integer form. Whether they fit the nodes is checked with the model. */
export function parseQuantization(place: Place, tensors: TensorSource): Quantization {
  const members = place.object(['bits', 'inputs', 'connections', 'neurons']);
  return {
    bits: place.need(members, 'bits', '8 or 4').choice([8, 4]),
    inputs: parseByNode(members.get('inputs'), parseInput),
    connections: parseByNode(members.get('connections'), parseConnection),
    neurons: parseByNode(members.get('neurons'), (neuron) => parseNeuron(neuron, tensors)),
  };
}

/** Reads an object with one member per node; absent, it is empty. */
export function parseByNode<T>(place: Place | undefined, parse: (member: Place) => T): ReadonlyMap<string, T> {
  const parsed = new Map<string, T>();
  for (const [name, member] of place?.members() ?? []) {
    checkName(name, member);
    parsed.set(name, parse(member));
  }
  return parsed;
}

function parseInput(place: Place): InputQuantization {
  const members = place.object(['scale', 'maximum']);
  const scale = place.need(members, 'scale', 'the value of 1').number();
  if (scale <= 0) place.fail(`has scale ${scale}`, 'a scale above 0');
  return { scale, maximum: place.need(members, 'maximum', 'the largest input').integer(1, 127) };
}

function parseConnection(place: Place): ConnectionQuantization {
  const members = place.object(['shift']);
  return { shift: place.need(members, 'shift', 'h from 0').integer(0, LARGEST_SHIFT) };
}

const NEURON_KEYS = [
  ...['membraneBits', 'scale', 'fraction', 'decay', 'bias', 'initial', 'threshold', 'reset', 'subtract', 'minimum'],
  ...['maximum', 'current', 'adaptation', 'handOn'],
];

const CURRENT_KEYS = ['decay', 'gain', 'bias', 'initial'];

const ADAPTATION_KEYS = ['fraction', 'decay', 'rise', 'initial'];

function parseNeuron(place: Place, tensors: TensorSource): NeuronQuantization {
  const members = place.object(NEURON_KEYS);
  const need = (key: string) => place.need(members, key, `one of each of ${NEURON_KEYS.slice(0, 6).join(', ')}`);
  const optional = <Key extends string>(key: Key) => {
    const value = members.get(key);
    return (value && { [key]: parseIntegers(value, tensors, INT32) }) as { [K in Key]: Int32Array } | undefined;
  };
  const current = members.get('current');
  const adaptation = members.get('adaptation');
  const handOn = members.get('handOn');
  return {
    membraneBits: need('membraneBits').choice([16, 32]),
    scale: parseScale(need('scale'), tensors),
    fraction: need('fraction').integer(-LARGEST_FRACTION, LARGEST_FRACTION),
    decay: parseIntegers(need('decay'), tensors, FACTOR),
    bias: parseIntegers(need('bias'), tensors, INT32),
    initial: parseIntegers(need('initial'), tensors, INT32),
    ...optional('threshold'),
    ...optional('reset'),
    ...optional('subtract'),
    ...optional('minimum'),
    ...optional('maximum'),
    ...(current && { current: parseCurrent(current, tensors) }),
    ...(adaptation && { adaptation: parseAdaptation(adaptation, tensors) }),
    ...(handOn && { handOn: handOn.integer(1, LARGEST_FRACTION) }),
  };
}

function parseCurrent(place: Place, tensors: TensorSource): CurrentQuantization {
  const members = place.object(CURRENT_KEYS);
  const need = (key: string, range: Range) =>
    parseIntegers(place.need(members, key, CURRENT_KEYS.join(', ')), tensors, range);
  return {
    decay: need('decay', FACTOR),
    gain: need('gain', FACTOR),
    bias: need('bias', INT32),
    initial: need('initial', INT32),
  };
}

function parseAdaptation(place: Place, tensors: TensorSource): AdaptationQuantization {
  const members = place.object(ADAPTATION_KEYS);
  const need = (key: string) => place.need(members, key, ADAPTATION_KEYS.join(', '));
  return {
    fraction: need('fraction').integer(0, LARGEST_FRACTION),
    decay: parseIntegers(need('decay'), tensors, FACTOR),
    rise: parseIntegers(need('rise'), tensors, INT32),
    initial: parseIntegers(need('initial'), tensors, INT32),
  };
}

function parseScale(place: Place, tensors: TensorSource): Float64Array {
  const { data } = parseList(place, tensors);
  for (let index = 0; index < data.length; index++) {
    if (!(data[index]! > 0)) place.at(`[${index}]`).fail(`is ${data[index]}`, 'a number above 0');
  }
  return data instanceof Float64Array ? data : Float64Array.from(data);
}

function parseIntegers(place: Place, tensors: TensorSource, [lowest, highest]: Range): Int32Array {
  const { data } = parseList(place, tensors);
  for (let index = 0; index < data.length; index++) {
    const value = data[index]!;
    if (Number.isInteger(value) && value >= lowest && value <= highest) continue;
    place.at(`[${index}]`).fail(`is ${value}`, `a whole number in ${lowest}…${highest}`);
  }
  return data instanceof Int32Array ? data : Int32Array.from(data);
}

function parseList(place: Place, tensors: TensorSource): Tensor {
  const list = parseTensor(place, tensors);
  if (list.shape.length !== 1) place.fail(`has ${list.shape.length} dimensions`, 'a list with one value per neuron');
  return list;
}

export function formatQuantization(quantization: Quantization, writer: DocumentWriter): JsonTree {
  const { bits, inputs, connections, neurons } = quantization;
  return writer.members({
    bits,
    inputs: writer.byNode(inputs, ({ scale, maximum }) => writer.members({ scale, maximum })),
    connections: writer.byNode(connections, ({ shift }) => writer.members({ shift })),
    neurons: writer.byNode(neurons, (neuron, name) => formatNeuron(name, neuron, writer)),
  });
}

function formatNeuron(name: string, neuron: NeuronQuantization, writer: DocumentWriter): JsonTree {
  const put = (values: Int32Array | Float64Array | undefined, key: string) => {
    if (values === undefined) return undefined;
    const data = values instanceof Int32Array ? narrowest(values) : values;
    return writer.tensor({ shape: [data.length], data }, `quantization.${name}.${key}`);
  };
  const { current, adaptation } = neuron;
  return writer.members({
    membraneBits: neuron.membraneBits,
    scale: put(neuron.scale, 'scale'),
    fraction: neuron.fraction,
    decay: put(neuron.decay, 'decay'),
    bias: put(neuron.bias, 'bias'),
    initial: put(neuron.initial, 'initial'),
    threshold: put(neuron.threshold, 'threshold'),
    reset: put(neuron.reset, 'reset'),
    subtract: put(neuron.subtract, 'subtract'),
    minimum: put(neuron.minimum, 'minimum'),
    maximum: put(neuron.maximum, 'maximum'),
    current:
      current &&
      writer.members({
        decay: put(current.decay, 'current.decay'),
        gain: put(current.gain, 'current.gain'),
        bias: put(current.bias, 'current.bias'),
        initial: put(current.initial, 'current.initial'),
      }),
    adaptation:
      adaptation &&
      writer.members({
        fraction: adaptation.fraction,
        decay: put(adaptation.decay, 'adaptation.decay'),
        rise: put(adaptation.rise, 'adaptation.rise'),
        initial: put(adaptation.initial, 'adaptation.initial'),
      }),
    handOn: neuron.handOn,
  });
}

/**
 * The same integers in the smallest format that holds them all: constants are most of a small convolutional net's file.
 */
function narrowest(values: Int32Array): TensorData {
  const lowest = values.reduce((a, b) => Math.min(a, b), 0);
  const highest = values.reduce((a, b) => Math.max(a, b), 0);
  if (lowest >= -(2 ** 7) && highest < 2 ** 7) return Int8Array.from(values);
  if (lowest >= -(2 ** 15) && highest < 2 ** 15) return Int16Array.from(values);
  if (lowest >= 0 && highest < 2 ** 16) return Uint16Array.from(values);
  return values;
}
