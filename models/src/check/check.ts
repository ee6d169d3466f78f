import { modelDecoder } from '../coding/decoders/model-decoder.ts';
import { SpikewireError } from '../error.ts';
import { FrameMemory } from '../features/frame-memory.ts';
import type { Model, SelfTest } from '../model/model.ts';
import type { NeuronQuantization } from '../model/quantization.ts';
import { predictsReadings } from '../monitoring/monitors.ts';
import { checkMonitors } from '../monitoring/watch.ts';
import { candidates, describe } from '../printable.ts';
import { RandomGenerator } from '../random/generator.ts';
import { type ResolvedGraph, type ResolvedNode, resolveGraph } from '../resolve/resolve.ts';
import { elementCount, type Tensor } from '../tensor.ts';
import { type Budget, checkBudget, prepareInput } from './budget.ts';

/**
 * Checks what a model says as a whole: the graph can run, every section speaks of nodes that exist and are of the right
 * role, the constants of the integer form and the events of self-tests fit the nodes. Throws `graph` or `parameter`,
 * and `budget` for what is too large, before anything is allocated for it.
 */
export function checkModel(model: Model, budget: Partial<Budget> = {}): ResolvedGraph {
  const resolved = resolveGraph(model.graph, model.semantics);
  const left = checkBudget(model, resolved, budget);
  const nodes = new Map(resolved.nodes.map((node) => [node.name, node]));
  const check = (section: string, names: Iterable<string>, role: Role): void => {
    for (const name of names) nodeOf(nodes, name, role, section);
  };
  check('learning', model.learning.keys(), 'connection');
  check('features', model.features?.keys() ?? [], 'input');
  check('encoder', model.encoder.keys(), 'input');
  check('decoder', model.decoder.keys(), 'output');
  check('base', model.base?.keys() ?? [], 'output');
  checkMonitors(model.monitors ?? []);
  checkCoding(model, resolved, nodes, new FrameMemory(left / Float64Array.BYTES_PER_ELEMENT));
  checkQuantization(model, nodes);
  checkSelfTests(model.selfTests, nodes);
  return resolved;
}

/** Prepares each once, which finds parameters, ranges and sizes that do not fit. */
function checkCoding(model: Model, graph: ResolvedGraph, nodes: Nodes, memory: FrameMemory): void {
  for (const name of model.encoder.keys()) prepareInput(model, nodes.get(name)!, graph, memory);
  for (const name of model.features?.keys() ?? []) {
    if (model.encoder.has(name)) continue;
    throw new SpikewireError(
      'graph',
      `features[${describe(name)}]`,
      'has no encoder behind it',
      `an entry in "encoder"`,
    );
  }
  for (const name of model.base?.keys() ?? []) {
    if (model.decoder.has(name)) continue;
    throw new SpikewireError('graph', `base[${describe(name)}]`, 'has no decoder to know it', 'an entry in "decoder"');
  }
  for (const [name, { type }] of model.decoder) {
    const size = elementCount(nodes.get(name)!.shape);
    const where = `decoder[${describe(name)}]`;
    const random = new RandomGenerator(0, 'check');
    const site = { where: `${where} (${type})`, size, dt: graph.semantics.dt, random };
    if (modelDecoder(model, name, site).teachable === undefined || !predictsReadings(model)) continue;
    throw new SpikewireError(
      'graph',
      where,
      'names classes, and a monitor takes them for the next reading',
      'one of them',
    );
  }
}

type Role = ResolvedNode['kind']['role'];
type Nodes = ReadonlyMap<string, ResolvedNode>;

function nodeOf(nodes: Nodes, name: string, role: Role, section: string): ResolvedNode {
  const node = nodes.get(name);
  if (node?.kind.role === role) return node;
  const problem = node === undefined ? 'refers to an unknown node' : `refers to a node of type ${node.kind.type}`;
  const fitting = [...nodes.values()].filter(({ kind }) => kind.role === role).map((candidate) => candidate.name);
  throw new SpikewireError(
    'graph',
    `${section}[${describe(name)}]`,
    problem,
    `one of the ${role} nodes: ${candidates(fitting)}`,
  );
}

/** The parameters that hold a connection's weights. */
export const WEIGHTS: readonly string[] = ['weight', 'scale'];

function checkQuantization({ quantization, learning }: Model, nodes: Nodes): void {
  if (quantization === undefined) return;
  for (const name of quantization.inputs.keys()) nodeOf(nodes, name, 'input', 'quantization.inputs');
  for (const name of quantization.connections.keys()) {
    const { node } = nodeOf(nodes, name, 'connection', 'quantization.connections');
    // What learns needs the finer grid.
    const bits = learning.has(name) ? 8 : quantization.bits;
    for (const key of WEIGHTS) checkIntegerWeights(`node ${describe(name)}.${key}`, node.parameters[key], bits);
  }
  for (const [name, neuron] of quantization.neurons) {
    const { shape } = nodeOf(nodes, name, 'neuron', 'quantization.neurons');
    checkLengths(name, neuron, elementCount(shape));
  }
}

function checkIntegerWeights(where: string, weight: Tensor | string | undefined, bits: number): void {
  if (weight === undefined || typeof weight === 'string') return;
  const largest = 2 ** (bits - 1) - 1;
  const index = weight.data.findIndex((q) => !Number.isInteger(q) || Math.abs(q) > largest);
  if (index < 0) return;
  const expected = `a whole number in ${-largest}…${largest}`;
  throw new SpikewireError('parameter', `${where}[${index}]`, `is ${weight.data[index]}`, expected);
}

function checkLengths(name: string, neuron: NeuronQuantization, size: number): void {
  const { current, adaptation, ...own } = neuron;
  const nested = Object.entries({ current, adaptation }).flatMap(([part, constants]) =>
    Object.entries(constants ?? {}).map(([key, values]) => [`${part}.${key}`, values] as const),
  );
  for (const [key, values] of [...Object.entries(own), ...nested]) {
    if (typeof values !== 'object' || standsFor(values.length, size)) continue;
    const where = `quantization.neurons[${describe(name)}].${key}`;
    const expected = `${size}, one per neuron, or one for each of equally many`;
    throw new SpikewireError('parameter', where, `has ${values.length} values`, expected);
  }
}

/** Whether so many values stand for so many neurons, each for as many of them. */
function standsFor(values: number, neurons: number): boolean {
  return values === neurons || (values < neurons && neurons % values === 0);
}

/** Self-tests are short: a device runs them all before it commits to a model. */
const MAXIMUM_TEST_STEPS = 100_000;

function checkSelfTests(tests: readonly SelfTest[], nodes: Nodes): void {
  const steps = tests.reduce((total, test) => total + test.steps, 0);
  if (steps > MAXIMUM_TEST_STEPS) {
    throw new SpikewireError('parameter', 'selfTests', `last ${steps} steps`, `at most ${MAXIMUM_TEST_STEPS} together`);
  }
  for (const [index, test] of tests.entries()) checkSelfTest(test, `selfTests[${index}]`, nodes);
}

function checkSelfTest(test: SelfTest, where: string, nodes: Nodes): void {
  for (const [name, events] of test.input) {
    checkEvents(`${where}.input`, name, events, test.steps, nodeOf(nodes, name, 'input', `${where}.input`));
  }
  for (const [name, events] of test.output) {
    checkEvents(`${where}.output`, name, events, test.steps, nodeOf(nodes, name, 'output', `${where}.output`));
  }
  for (const [name, { data }] of test.membranes ?? []) {
    const neurons = elementCount(nodeOf(nodes, name, 'neuron', `${where}.membranes`).shape);
    if (data.length === neurons) continue;
    const problem = `has ${data.length} values`;
    throw new SpikewireError(
      'parameter',
      `${where}.membranes[${describe(name)}]`,
      problem,
      `${neurons}, one per neuron`,
    );
  }
}

function checkEvents(section: string, name: string, { data }: Tensor, steps: number, { shape }: ResolvedNode): void {
  const size = elementCount(shape);
  const check = (at: number, limit: number, what: string): void => {
    if (Number.isInteger(data[at]) && data[at]! >= 0 && data[at]! < limit) return;
    const where = `${section}[${describe(name)}][${Math.floor(at / 3)}]`;
    throw new SpikewireError('parameter', where, `has ${what} ${data[at]}`, `a whole number in 0…${limit - 1}`);
  };
  for (let at = 0; at < data.length; at += 3) {
    check(at, steps, 'step');
    check(at + 1, size, 'element');
  }
}
