import {
  defaultBudget,
  defaultSemantics,
  type Ends,
  elementCount,
  formatShape,
  type Model,
  type Shape,
  SpikewireError,
  tensor,
} from '@spikewire/models';
import { ReadingMemory } from '../../reading-memory.ts';
import { type OnnxModelFile, type OnnxNode, type OnnxValueInfo, readModelFile } from '../model-file.ts';
import { STEPS_METADATA } from '../steps-metadata.ts';
import { FLOAT } from '../tensor.ts';
import { NetWriter } from './operators/net-writer.ts';
import { describeNode, OperatorSite } from './operators/operator.ts';
import { NEAREST, operators } from './operators/operators.ts';
import { hasPlaces, isSignal, type Signal, sampleSize, type Value } from './operators/value.ts';

/**
 * Numbers enter as they are, up to this size: a power of two, by which dividing and multiplying again leaves every bit.
 * Most files do not say where they lie.
 */
const LARGEST_INPUT = 65_536;

/** Numbers that are made of those of a file, for each of its bytes, and of any file. */
const [ROOM_PER_BYTE, ROOM] = [8, 2 ** 22];

/** Names of values in an error. */
const MOST_NAMES = 8;

/** Elements of a sample, far beyond any device. */
const MOST_ELEMENTS = 2 ** 24;

const byType = new Map(operators.flatMap((operator) => operator.types.map((type) => [type, operator] as const)));

/** An analogue net that was read, and what a person should know of it. */
export interface AnalogueReading {
  readonly model: Model;
  readonly notes: readonly string[];
}

/**
 * Reads an ONNX file as a net of rectifiers in one step, batch norm folded and reshaping gone. Throws `file` for what
 * is no ONNX file, `unsupported` for what is no such net, with the node, its operator and shape, and `budget` where
 * reading takes more than `most` bytes of memory.
 */
export function readAnalogueNet(bytes: Uint8Array, ends: Ends = {}, most = defaultBudget.bytes): AnalogueReading {
  const memory = new ReadingMemory(most);
  const file = readModelFile(bytes, memory);
  if (file.metadata.has(STEPS_METADATA)) {
    const expected = 'the model that it was written from';
    throw new SpikewireError(
      'unsupported',
      'model',
      'has the steps of a spiking net, which are only written',
      expected,
    );
  }
  const net = new NetWriter(Math.min(ROOM + ROOM_PER_BYTE * bytes.length, memory.left / 8));
  const output = outputOf(file, ends.output);
  const nodes = neededNodes(file, output.name);
  const values = valuesOf(file, net, { nodes, output: output.name }, entering(file, net, nodes, ends.input));
  const leaving = values.get(output.name);
  if (leaving === undefined)
    throw new SpikewireError('file', `output "${output.name}"`, 'is given by no node', 'a net');
  if (!isSignal(leaving)) throw refused(output, 'does not depend on the input', 'a net from input to output');
  const decoder = writeOutput(net, output, leaving);
  return { model: modelOf(file, net, decoder), notes: [...net.notes] };
}

/** What enters the nodes: the one input, as the Input; where one of several is chosen, zeros at the others. */
function entering(
  { inputs }: OnnxModelFile,
  net: NetWriter,
  nodes: readonly OnnxNode[],
  chosen: string | undefined,
): Map<string, Value> {
  const needed = new Set(nodes.flatMap((node) => node.inputs));
  const infos = inputs.filter(({ name }) => needed.has(name));
  if (infos.length === 0) return new Map();
  const input = oneOf(infos, 'input', chosen);
  return new Map(
    infos.map((info) => [info.name, info === input ? net.input(info.name, sampleShape(info)) : zeros(info, net)]),
  );
}

function zeros(info: OnnxValueInfo, net: NetWriter): Value {
  const shape = (info.shape ?? []).map((size) => size ?? 1);
  const count = elementCount(shape);
  if (!(count >= 0 && count <= MOST_ELEMENTS)) throw refused(info, `has shape ${formatShape(shape)}`, 'fewer elements');
  net.take(count);
  net.notes.add(`input "${info.name}": is 0`);
  return { shape, type: FLOAT, data: new Float64Array(count) };
}

/** The output, or any value of the file that somebody names. */
function outputOf(file: OnnxModelFile, chosen: string | undefined): OnnxValueInfo {
  const isThere = chosen !== undefined && file.nodes.some(({ outputs }) => outputs.includes(chosen));
  return isThere ? { name: chosen } : oneOf(file.outputs, 'output', chosen);
}

/** The only one, or that which somebody chose. */
function oneOf(infos: readonly OnnxValueInfo[], what: 'input' | 'output', chosen: string | undefined): OnnxValueInfo {
  const [first, second] = chosen === undefined ? infos : infos.filter(({ name }) => name === chosen);
  if (first !== undefined && second === undefined) return first;
  const names = namesOf(infos);
  if (chosen !== undefined)
    throw new SpikewireError('usage', `${what} "${chosen}"`, 'is not in the file', names || 'another');
  const chooses = `${what === 'input' ? '--from' : '--to'} of convert and quantize`;
  const expected = `a choice of one ${what} (${chooses})`;
  throw new SpikewireError('unsupported', 'graph', `has ${infos.length} ${what}s: ${names}`, expected);
}

/** A few of them, however many there are. */
function namesOf(infos: readonly OnnxValueInfo[]): string {
  const names = infos.slice(0, MOST_NAMES).map(({ name }) => `"${name}"`);
  return [...names, ...(infos.length > MOST_NAMES ? ['…'] : [])].join(', ');
}

/** [batch, …], a batch of any size as one sample. */
function sampleShape(info: OnnxValueInfo): Shape {
  const { shape } = info;
  if (shape === undefined || shape.length < 2) {
    throw refused(info, shape === undefined ? 'has no shape' : 'has no dimension beside the batch', '[batch, …]');
  }
  const [batch, ...sizes] = shape;
  const found = [batch !== undefined && batch > 0 ? batch : 1, ...sizes.map((size) => size ?? 0)];
  if (found.some((size) => size < 1) || elementCount(found) > MOST_ELEMENTS) {
    const problem = `has shape ${formatShape(shape.map((size) => size ?? Number.NaN)).replaceAll('NaN', '?')}`;
    throw refused(info, problem, `known sizes behind the batch, and at most ${MOST_ELEMENTS} elements`);
  }
  return found;
}

/** The values of all nodes on the way to the output, in the order of the file. */
function valuesOf(
  file: OnnxModelFile,
  net: NetWriter,
  { nodes, output }: { readonly nodes: readonly OnnxNode[]; readonly output: string },
  values: Map<string, Value>,
): ReadonlyMap<string, Value> {
  const uses = new Map<string, number>();
  for (const name of [...nodes.flatMap(({ inputs }) => inputs), output]) uses.set(name, (uses.get(name) ?? 0) + 1);
  const given = (name: string, node: OnnxNode): Value | undefined => {
    if (name === '') return undefined;
    const value = values.get(name) ?? file.initializers.get(name);
    if (value === undefined) {
      const problem = `takes "${name}", which no earlier node gives`;
      throw new SpikewireError(
        'file',
        describeNode(node, []),
        problem,
        'nodes in the order in which they are computed',
      );
    }
    return isSignal(value) && uses.get(name)! > 1 ? { ...value, isOwn: false } : value;
  };
  for (const node of nodes) {
    const inputs = node.inputs.map((name) => given(name, node));
    values.set(node.outputs[0]!, computed(new OperatorSite(net, file.opset, node, inputs)));
  }
  return values;
}

/** Nodes without which there is no output, in the order of the file. */
function neededNodes({ nodes }: OnnxModelFile, output: string): OnnxNode[] {
  const wanted = new Set([output]);
  return nodes
    .toReversed()
    .filter(({ inputs, outputs }) => {
      if (!outputs.some((name) => name !== '' && wanted.has(name))) return false;
      for (const name of inputs) wanted.add(name);
      return true;
    })
    .reverse();
}

function computed(site: OperatorSite): Value {
  const { node, inputs } = site;
  const operator = node.domain === '' ? byType.get(node.operator) : undefined;
  if (operator === undefined) {
    const known = operators.flatMap(({ types }) => types).sort();
    throw site.refuse('is not a supported operator', NEAREST.get(node.operator) ?? `one of ${known.join(', ')}`);
  }
  const before = inputs.find(
    (value): value is Signal => value !== undefined && isSignal(value) && value.answer !== undefined,
  );
  if (before !== undefined && operator.keepsAnswers !== true) {
    throw site.refuse(`comes after ${before.answer}`, 'nothing after it');
  }
  return placed(site, () => operator.apply(operator.takesPadding === true ? site : site.withoutPadding()));
}

/** What models find wrong with a node is told with the node of the file in front. */
function placed(site: OperatorSite, apply: () => Value): Value {
  try {
    return apply();
  } catch (error) {
    if (!(error instanceof SpikewireError) || /^(node|model)\b/.test(error.where)) throw error;
    throw SpikewireError.restore(error.code, error.where, `${describeNode(site.node, site.inputs)}: ${error.message}`);
  }
}

/** Writes the Output and gives its decoder: an answer for each of several places is numbers, any other a class. */
function writeOutput(net: NetWriter, info: OnnxValueInfo, leaving: Signal): string {
  if (leaving.order !== undefined) throw refused(info, 'has its elements transposed', 'no Transpose at the end');
  const settled = net.padded(info.name, leaving);
  if (net.nodes.get(settled.sources[0]!)!.type === 'Input') throw refused(info, 'is the input', 'a net between them');
  const isOneNumber = leaving.answer === 'Sigmoid' && sampleSize(leaving) === 1;
  net.add(info.name, 'Output', {}, isOneNumber ? twoClasses(net, info.name, settled) : settled);
  return hasPlaces(leaving) ? 'linear' : 'count';
}

/** −x and x for the probability of one class, which is the second where x is above 0. */
function twoClasses(net: NetWriter, name: string, signal: Signal): Signal {
  const weight = tensor(Float32Array.of(-1, 1), [2, 1]);
  net.notes.add(`output "${name}": is one probability, and becomes two classes, the second above ½`);
  return net.add(`${name}.classes`, 'Linear', { weight }, net.inRow(name, signal));
}

function modelOf({ producer, opset }: OnnxModelFile, net: NetWriter, decoder: string): Model {
  const named = (type: string) => [...net.nodes].find(([, node]) => node.type === type)![0];
  const largest = net.largestInput ?? LARGEST_INPUT;
  const direct = { type: 'direct', parameters: { range: [-largest, largest], gain: largest } };
  return {
    graph: { nodes: net.nodes, edges: net.edges },
    semantics: defaultSemantics,
    learning: new Map(),
    encoder: new Map([[named('Input'), direct]]),
    decoder: new Map([[named('Output'), { type: decoder, parameters: {} }]]),
    channels: [],
    sample: { steps: 1, between: 'reset' },
    labels: [],
    provenance: { onnx: { producer: producer.slice(0, 100), opset } },
    selfTests: [],
  };
}

function refused({ name }: OnnxValueInfo, problem: string, expected: string): SpikewireError {
  return new SpikewireError('unsupported', `value "${name}"`, problem, expected);
}
