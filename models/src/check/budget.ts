import { decoderKindOf } from '../coding/decoders/decoders.ts';
import { encoderKindOf } from '../coding/encoders/encoders.ts';
import { SpikewireError } from '../error.ts';
import { FeatureChain } from '../features/chain/chain.ts';
import { FrameMemory } from '../features/frame-memory.ts';
import type { GraphNode } from '../graph/graph.ts';
import { numbersOf } from '../graph/parameter.ts';
import { type CodingDeclaration, type Model, windowSteps } from '../model/model.ts';
import { monitorKindOf } from '../monitoring/monitors.ts';
import { plasticityKinds } from '../plasticity/rules.ts';
import { describe, megabytes } from '../printable.ts';
import { RandomGenerator } from '../random/generator.ts';
import type { ResolvedGraph, ResolvedNode } from '../resolve/resolve.ts';
import { elementCount } from '../tensor.ts';

/** What a device can carry. A model beyond it is refused before anything is allocated for it. */
export interface Budget {
  readonly neurons: number;
  readonly synapses: number;
  /**
   * Bytes that a process takes for the running net beyond its own, on any engine, while the net is made as well as
   * later.
   */
  readonly bytes: number;
}

/** What a model asks for; bytes are an upper bound, seldom more than a few times what an engine takes. */
export interface Demand extends Budget {
  /** The node that takes most, or the monitors together, for people, and the bytes. */
  readonly largest: { readonly where: string; readonly bytes: number };
}

/** Far beyond any device this is made for; it refuses what could only be an attack or a mistake. */
export const defaultBudget: Budget = { neurons: 2 ** 22, synapses: 2 ** 31, bytes: 2 ** 31 };

/**
 * Bytes at the worst of all engines, `auto` with its two nets included, measured with a margin
 * (test/e2e/allocated-bytes.test.ts holds every engine to them). What counts is the peak while the net is made, which
 * may be several times what it keeps.
 */
const BYTES = {
  /** Of any net, and of any node: pages of WebAssembly, tables of fixed size. */
  net: 131_072,
  node: 8192,
  /** Of an Input or Output, per element. */
  relay: 64,
  /** Of a connection, per element on its larger side. */
  connection: 160,
  neuron: 512,
  /** Of all tables of the flow in a net, where a neuron that spikes is not linear between its spikes. */
  tables: 2 ** 25,
  weight: 24,
  /** Of a list of synapses, per entry. */
  synapse: 80,
  /** Of a value that is held back, per step. */
  delayed: 40,
  /** Of a learned connection, per element on both sides: traces, and the activity at the end of past windows. */
  learnedElement: 640,
  learnedWeight: 32,
  feedback: 32,
  /** Of a rule's own memory, per number: of two nets, and a copy where what was learned is taken over. */
  remembered: 16,
  /** Of an encoder or decoder, per element. */
  coded: 256,
  monitor: 8192,
  /** Of an event of the window that encoders fill and Outputs leave, which is copied once. */
  event: 40,
} as const;

/**
 * What a model that was read asks for, its features included. Windows that reach into the padding count as synapses.
 */
export function demandOf(model: Model, graph: ResolvedGraph): Demand {
  const demand = netDemand(model, graph);
  return { ...demand, bytes: demand.bytes + featureBytes(model, graph) };
}

/** Bytes that the features of a model that was read keep; exactly what is taken of its budget for them. */
function featureBytes(model: Model, graph: ResolvedGraph): number {
  const memory = new FrameMemory();
  const nodes = new Map(graph.nodes.map((node) => [node.name, node]));
  for (const name of model.features?.keys() ?? []) prepareInput(model, nodes.get(name)!, graph, memory);
  return memory.bytes;
}

/**
 * Prepares the encoder of an Input and the features in front of it, which finds parameters, ranges and sizes that do
 * not fit; the features take what they keep from `memory`.
 */
export function prepareInput(
  { encoder, features, sample: { steps } }: Model,
  { name, shape }: ResolvedNode,
  { semantics: { dt } }: ResolvedGraph,
  memory: FrameMemory,
): void {
  const { type, parameters } = encoder.get(name)!;
  const where = `encoder[${describe(name)}]`;
  const site = { where: `${where} (${type})`, size: elementCount(shape), steps, dt };
  const random = new RandomGenerator(0, 'check');
  const { channels } = encoderKindOf(type, where).prepare(parameters, { ...site, random });
  const stages = features?.get(name);
  if (stages !== undefined) new FeatureChain(`features[${describe(name)}]`, stages, channels, memory);
}

function netDemand(model: Model, graph: ResolvedGraph): Demand {
  const delays = longestDelays(graph);
  const parts = [
    { where: 'monitor', bytes: monitorBytes(model, graph) },
    ...graph.nodes.map((resolved, index) => ({
      where: `node ${describe(resolved.name)} (${resolved.node.type})`,
      bytes: nodeBytes(model, resolved, delays[index]!),
    })),
  ];
  return {
    neurons: sum(graph.nodes, ({ kind, shape }) => (kind.role === 'neuron' ? elementCount(shape) : 0)),
    synapses: sum(graph.nodes, synapses),
    bytes: BYTES.net + (graph.nodes.some(mayHaveTables) ? BYTES.tables : 0) + sum(parts, ({ bytes }) => bytes),
    largest: parts.reduce((largest, part) => (part.bytes > largest.bytes ? part : largest)),
  };
}

/** The bytes that are left for features; refuses with `budget` what asks for more than a device has. */
export function checkBudget(model: Model, graph: ResolvedGraph, budget: Partial<Budget>): number {
  const { largest, ...demand } = netDemand(model, graph);
  const allowed = { ...defaultBudget, ...budget };
  for (const key of ['neurons', 'synapses'] as const) {
    if (demand[key] <= allowed[key]) continue;
    throw new SpikewireError('budget', 'model', `needs ${demand[key]} ${key}`, `at most ${allowed[key]}`);
  }
  if (demand.bytes <= allowed.bytes) return allowed.bytes - demand.bytes;
  const problem = `takes up to ${megabytes(largest.bytes)} of the ${megabytes(demand.bytes)} that the model may need`;
  throw new SpikewireError('budget', largest.where, problem, `at most ${megabytes(allowed.bytes)} in all`);
}

function sum<T>(items: readonly T[], count: (item: T) => number): number {
  return items.reduce((total, item) => total + count(item), 0);
}

/** By node index, the longest delay of the edges that leave each node. */
function longestDelays({ nodes, edges }: ResolvedGraph): number[] {
  const longest = nodes.map(() => 0);
  for (const { source, delay } of edges) longest[source] = Math.max(longest[source]!, delay);
  return longest;
}

/** A sample has no more numbers than the Inputs have elements. */
function monitorBytes({ monitors = [] }: Model, { nodes }: ResolvedGraph): number {
  const channels = sum(nodes, ({ kind, shape }) => (kind.role === 'input' ? elementCount(shape) : 0));
  return sum(monitors, ({ type }) => BYTES.monitor + channels * (monitorKindOf(type, 'monitor').channelBytes ?? 0));
}

function mayHaveTables({ kind }: ResolvedNode): boolean {
  return kind.role === 'neuron' && kind.emits === 'spikes' && kind.linear === undefined && kind.isWhole !== true;
}

function nodeBytes(model: Model, resolved: ResolvedNode, delay: number): number {
  const { kind, node, inputShape, shape } = resolved;
  const [inputs, outputs] = [elementCount(inputShape), elementCount(shape)];
  const common = BYTES.node + parameterBytes(resolved) + BYTES.delayed * delay * outputs + codingBytes(model, resolved);
  if (kind.role === 'neuron') return common + BYTES.neuron * outputs;
  if (kind.role !== 'connection') return common + BYTES.relay * outputs;
  const late = BYTES.delayed * (kind.longestDelay?.(node) ?? 0) * outputs;
  const own = common + late + BYTES.connection * Math.max(inputs, outputs) + weightBytes(resolved);
  return own + learningBytes(model, resolved, inputs, outputs);
}

function parameterBytes({ node }: ResolvedNode): number {
  return sum(Object.values(node.parameters), (value) => (typeof value === 'string' ? 0 : value.data.byteLength));
}

/** Connections with a parameter `target` list their synapses. */
function weightBytes({ node }: ResolvedNode): number {
  return BYTES.weight * (numbersOf(node, 'weight')?.data.length ?? 0) + BYTES.synapse * listedSynapses(node);
}

function listedSynapses(node: GraphNode): number {
  return numbersOf(node, 'target')?.data.length ?? 0;
}

function learningBytes(model: Model, { name, node, shape }: ResolvedNode, inputs: number, outputs: number): number {
  const declarations = model.learning.get(name);
  if (declarations === undefined) return 0;
  const weights = Math.max(numbersOf(node, 'weight')?.data.length ?? 0, listedSynapses(node), elementCount(shape));
  const errors = Math.max(
    0,
    ...declarations.map(({ feedback }) => (feedback && 'random' in feedback ? feedback.random : 0)),
  );
  const each = BYTES.learnedElement * (inputs + outputs) + BYTES.learnedWeight * weights;
  const memory = sum(declarations, ({ rule }) => {
    const kind = plasticityKinds.find((candidate) => candidate.rule === rule);
    return sum(Object.values(kind?.memory?.({ inputs, outputs }) ?? {}), ({ length }) => length);
  });
  return each * declarations.length + BYTES.feedback * errors * outputs + BYTES.remembered * memory;
}

/** Of Inputs and Outputs of a model that takes readings: their code, and the events of a whole sample. */
function codingBytes({ encoder, decoder, sample }: Model, { name, kind, shape }: ResolvedNode): number {
  const coded = encoder.has(name) || (kind.role === 'output' && (encoder.size > 0 || decoder.has(name)));
  if (!coded) return 0;
  const size = elementCount(shape);
  return size * (BYTES.coded + BYTES.event * windowSteps(sample)) + decoderBytes(decoder.get(name), name, size);
}

function decoderBytes(declaration: CodingDeclaration | undefined, output: string, size: number): number {
  if (declaration === undefined) return 0;
  const { type, parameters } = declaration;
  const cost = decoderKindOf(type, `decoder[${describe(output)}]`).cost?.(parameters, size, 1);
  return cost === undefined ? 0 : cost.bytes + cost.undoBytes;
}

/** Counted and not connected: connecting allocates, and a short file can claim a large image. */
function synapses({ kind, node, inputShape, shape }: ResolvedNode): number {
  if (kind.role !== 'connection') return 0;
  if (kind.synapseCount !== undefined) return kind.synapseCount(node, inputShape);
  return numbersOf(node, 'weight')?.data.length ?? elementCount(shape);
}
