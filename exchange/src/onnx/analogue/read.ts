import { defaultSemantics, formatShape, type Model, type Shape, SpikewireError } from '@spikewire/models';
import { type OnnxModelFile, type OnnxNode, type OnnxValueInfo, readModelFile } from '../model-file.ts';
import { NetWriter } from './net-writer.ts';
import { describeNode, OperatorSite } from './operator.ts';
import { NEAREST, operators } from './operators.ts';
import { isSignal, type Signal, type Value } from './value.ts';

/**
 * Numbers enter as they are, up to this size: a power of two, by which dividing and multiplying again leaves every bit.
 * Most files do not say where they lie.
 */
const LARGEST_INPUT = 65_536;

/** Numbers that are made of those of a file, for each of its bytes, and of any file. */
const [ROOM_PER_BYTE, ROOM] = [8, 2 ** 22];

/** Elements of a sample, far beyond any device. */
const MOST_ELEMENTS = 2 ** 24;

const byType = new Map(operators.flatMap((operator) => operator.types.map((type) => [type, operator] as const)));

/** An analogue net that was read, and what a person should know of it. */
export interface AnalogueReading {
  readonly model: Model;
  readonly notes: readonly string[];
}

/**
 * Reads an ONNX file as a net of rectifiers in one step, batch norm folded and reshaping gone. Throws `file` for what is
 * no ONNX file, and `unsupported` for what is no such net, with the node, its operator and shape.
 */
export function readAnalogueNet(bytes: Uint8Array): AnalogueReading {
  const file = readModelFile(bytes);
  const net = new NetWriter(ROOM + ROOM_PER_BYTE * bytes.length);
  const input = onlyOne(file.inputs, 'input');
  const output = onlyOne(file.outputs, 'output');
  const entering = net.input(input.name, sampleShape(input));
  const values = valuesOf(file, net, output.name, new Map([[input.name, entering]]));
  const leaving = values.get(output.name);
  if (leaving === undefined)
    throw new SpikewireError('file', `output "${output.name}"`, 'is given by no node', 'a net');
  if (!isSignal(leaving)) throw refused(output, 'does not depend on the input', 'a net from input to output');
  writeOutput(net, output, leaving);
  return { model: modelOf(file, net), notes: [...net.notes] };
}

function onlyOne(infos: readonly OnnxValueInfo[], what: string): OnnxValueInfo {
  const [first, second] = infos;
  if (first !== undefined && second === undefined) return first;
  throw new SpikewireError('unsupported', 'graph', `has ${infos.length} ${what}s`, `one ${what}`);
}

/** [batch, …], a batch of any size as one sample. */
function sampleShape(info: OnnxValueInfo): Shape {
  const { shape } = info;
  if (shape === undefined || shape.length < 2) {
    throw refused(info, shape === undefined ? 'has no shape' : 'has no dimension beside the batch', '[batch, …]');
  }
  const [batch, ...sizes] = shape;
  const found = [batch !== undefined && batch > 0 ? batch : 1, ...sizes.map((size) => size ?? 0)];
  const elements = found.reduce((product, size) => product * size, 1);
  if (found.some((size) => size < 1) || elements > MOST_ELEMENTS) {
    const problem = `has shape ${formatShape(shape.map((size) => size ?? Number.NaN)).replaceAll('NaN', '?')}`;
    throw refused(info, problem, `known sizes behind the batch, and at most ${MOST_ELEMENTS} elements`);
  }
  return found;
}

/** The values of all nodes on the way to the output, in the order of the file. */
function valuesOf(
  file: OnnxModelFile,
  net: NetWriter,
  output: string,
  values: Map<string, Value>,
): ReadonlyMap<string, Value> {
  const nodes = neededNodes(file, output);
  const uses = new Map<string, number>();
  for (const name of [...nodes.flatMap(({ inputs }) => inputs), output]) uses.set(name, (uses.get(name) ?? 0) + 1);
  const given = (name: string, node: OnnxNode): Value | undefined => {
    if (name === '') return undefined;
    const value = values.get(name) ?? file.initializers.get(name);
    if (value === undefined) {
      const problem = `takes "${name}", which no node before it gives`;
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
    throw site.refuse('is no operator of an analogue net', NEAREST[node.operator] ?? `one of ${known.join(', ')}`);
  }
  const before = inputs.find(
    (value): value is Signal => value !== undefined && isSignal(value) && value.answer !== undefined,
  );
  if (before !== undefined && operator.keepsAnswers !== true) {
    throw site.refuse(`stands behind ${before.answer}`, 'nothing behind it');
  }
  return placed(site, () => operator.apply(site));
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

function writeOutput(net: NetWriter, info: OnnxValueInfo, leaving: Signal): void {
  if (leaving.order !== undefined) throw refused(info, 'has its elements transposed', 'no Transpose at the end');
  const last = net.settle(info.name, leaving);
  if (net.nodes.get(last.sources[0]!)!.type === 'Input') throw refused(info, 'is the input', 'a net between them');
  net.add(info.name, 'Output', {}, last);
}

function modelOf({ producer, opset }: OnnxModelFile, net: NetWriter): Model {
  const named = (type: string) => [...net.nodes].find(([, node]) => node.type === type)![0];
  const largest = net.largestInput ?? LARGEST_INPUT;
  const direct = { type: 'direct', parameters: { range: [-largest, largest], gain: largest } };
  return {
    graph: { nodes: net.nodes, edges: net.edges },
    semantics: defaultSemantics,
    learning: new Map(),
    encoder: new Map([[named('Input'), direct]]),
    decoder: new Map([[named('Output'), { type: 'count', parameters: {} }]]),
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
