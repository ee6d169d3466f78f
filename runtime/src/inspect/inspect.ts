import { selfTest } from '@spikewire/engine';
import { type Executor, InProcessExecutor } from '@spikewire/engine/executor';
import type { Engine, RunningNetwork } from '@spikewire/engine/network';
import {
  elementCount,
  type FeatureStage,
  type LearningDeclaration,
  type Model,
  type NeuronQuantization,
  type ResolvedGraph,
  type ResolvedNode,
  resolveGraph,
  windowSteps,
} from '@spikewire/models';
import { type NetMemory, totalBytes } from '../session/net-memory.ts';
import { Session } from '../session/session.ts';
import {
  activityOnCard,
  type CostComparison,
  compareCost,
  type MeasuredActivity,
  shapeOf,
  synapsesOf,
  type WorkBeside,
} from './inference-cost.ts';
import { type NeuronReport, reportNeurons } from './neuron-report.ts';

/** A node of the graph. */
export interface NodeReport {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly number[];
  /** Neurons with state. */
  readonly neurons: number;
  /** Synapses: what a spike of every input would pass. */
  readonly synapses: number;
  /** Stored weights; fewer than synapses where they are shared. */
  readonly weights: number;
  /** Names of the rules that change its weights, in the order in which they act. */
  readonly learns: readonly string[];
  /** What a population computes with; of neurons only. */
  readonly neuron?: NeuronReport;
  /** Precision of a population in an integer model. */
  readonly precision?: NeuronPrecision;
}

/** The integer form of a population (docs/semantics.md §2). */
export interface NeuronPrecision {
  /** M. */
  readonly membraneBits: 16 | 32;
  /** F. */
  readonly fraction: number;
  /** Smallest and largest u: what a unit of weight is worth in real units. */
  readonly scale: readonly [number, number];
}

/** A connection that keeps learning. */
export interface LearningSummary {
  readonly name: string;
  readonly rules: readonly string[];
  readonly weights: number;
  readonly storage: 'float32' | 'int16' | 'int8';
}

export interface Inspection {
  readonly nodes: readonly NodeReport[];
  readonly edges: readonly { readonly source: string; readonly target: string; readonly delay: number }[];
  readonly neurons: number;
  readonly synapses: number;
  readonly weights: number;
  /** Width of a weight: 32 in a float model, else 8 or 4. */
  readonly bits: 32 | 8 | 4;
  readonly learned: readonly LearningSummary[];
  /** Length of a step in seconds. */
  readonly dt: number;
  /** Steps of a sample. */
  readonly steps: number;
  /** Steps without input before each sample. */
  readonly rest: number;
  readonly channels: Model['channels'];
  /**
   * Types of the features in front of each Input's encoder, stage by stage; those side by side are a list of their own.
   */
  readonly features: Readonly<Record<string, readonly (string | readonly string[])[]>>;
  /** Type of the encoder of each Input, and of the decoder of each Output. */
  readonly encoders: Readonly<Record<string, string>>;
  readonly decoders: Readonly<Record<string, string>>;
  readonly labels: readonly string[];
  /** Self-test vectors that a device runs before it commits to the model. */
  readonly selfTests: number;
  /** Those that were run on the engine: all, or none where they say nothing about its numbers. */
  readonly selfTestsRun: number;
  /** Which one failed first, what came and what was expected; absent where none did. */
  readonly selfTestFailure?: string;
  /** Bytes of the file: what it takes of the flash. */
  readonly fileBytes: number;
  /** Bytes of the arrays of the running net and of what works beside it, before a first lesson. */
  readonly memoryBytes: number;
  /** The same by what it is for, and what comes with the first lesson. */
  readonly memory: NetMemory;
  readonly engine: string;
  /** Synaptic operations of a sample if every neuron spiked in every step: the upper bound. */
  readonly synapticOperationsAtMost: number;
  /** A sample at its measured activity, beside a dense int8 net of the same shape. */
  readonly cost: CostComparison;
  readonly warnings: readonly string[];
  readonly provenance: Model['provenance'];
  readonly digest: string;
}

export interface InspectOptions {
  readonly fileBytes: number;
  readonly digest: string;
  /** The engine whose memory is counted: it loads the net. */
  readonly engine: Engine;
  /** How much a sample does; without it, what the model's card says. */
  readonly activity?: MeasuredActivity;
  /** Ends self-tests that take long. */
  readonly signal?: AbortSignal;
}

/**
 * What a model is and costs, before anything is deployed. Rejects with `unsupported` where the engine cannot run it,
 * and where `signal` ends it.
 */
export async function inspect(
  model: Model,
  { fileBytes, digest, engine, activity, signal }: InspectOptions,
): Promise<Inspection> {
  const graph = resolveGraph(model.graph, model.semantics);
  const nodes = graph.nodes.map((node) => reportNode(model, node));
  const sum = (pick: (node: NodeReport) => number) => nodes.reduce((total, node) => total + pick(node), 0);
  const synapses = sum((node) => node.synapses);
  const executor = new InProcessExecutor(engine, model, { graph });
  const { memory, ...beside } = besideNet(model, graph, executor);
  return {
    nodes,
    edges: edgesOf(graph),
    neurons: sum((node) => node.neurons),
    synapses,
    weights: sum((node) => node.weights),
    bits: model.quantization?.bits ?? 32,
    learned: nodes.filter(({ learns }) => learns.length > 0).map((node) => reportLearned(model, node)),
    dt: graph.semantics.dt,
    steps: model.sample.steps,
    rest: model.sample.rest ?? 0,
    channels: model.channels,
    features: featuresOf(model),
    encoders: typesOf(model.encoder),
    decoders: typesOf(model.decoder),
    labels: model.labels,
    selfTests: model.selfTests.length,
    ...(await trySelfTests(executor.network, engine, signal)),
    fileBytes,
    memoryBytes: totalBytes(memory) - memory.undo,
    memory,
    engine: engine.name,
    synapticOperationsAtMost: synapses * windowSteps(model.sample),
    cost: compareCost(shapeOf(model, graph, beside), activity ?? activityOnCard(model)),
    warnings: graph.warnings,
    provenance: model.provenance,
    digest,
  };
}

/** The memory of the net, and the work of what stands before it and behind it, where it takes readings. */
function besideNet(model: Model, graph: ResolvedGraph, executor: Executor): WorkBeside & { memory: NetMemory } {
  if (!takesReadings(model, graph)) {
    const nothing = { features: 0, encoders: 0, readOut: 0, lessons: 0, monitors: 0, undo: 0 };
    return { memory: { net: executor.bytes, ...nothing }, featureWork: 0, taught: undefined };
  }
  const { memory, featureWork, taughtCost } = new Session(model, executor, { graph });
  return { memory, featureWork, taught: taughtCost };
}

function takesReadings({ encoder, decoder }: Model, { nodes }: ResolvedGraph): boolean {
  const output = nodes.find(({ kind }) => kind.role === 'output');
  const inputs = nodes.filter(({ kind }) => kind.role === 'input');
  return output !== undefined && decoder.has(output.name) && inputs.every(({ name }) => encoder.has(name));
}

async function trySelfTests(
  network: RunningNetwork,
  engine: Engine,
  signal?: AbortSignal,
): Promise<Pick<Inspection, 'selfTestsRun' | 'selfTestFailure'>> {
  try {
    return { selfTestsRun: await selfTest(network, engine, signal) };
  } catch (problem) {
    if (signal?.aborted) throw problem;
    return { selfTestsRun: network.model.selfTests.length, selfTestFailure: (problem as Error).message };
  }
}

function reportNode(model: Model, resolved: ResolvedNode): NodeReport {
  const { name, kind, node, inputShape, shape } = resolved;
  const connectivity = kind.role === 'connection' ? kind.connect(node, inputShape) : undefined;
  const precision = model.quantization?.neurons.get(name);
  return {
    name,
    type: node.type,
    shape,
    neurons: kind.role === 'neuron' ? elementCount(shape) : 0,
    synapses: synapsesOf(resolved),
    weights: connectivity?.weights?.length ?? 0,
    learns: rulesOf(model, name).map(({ rule }) => rule),
    ...(kind.role === 'neuron' ? { neuron: reportNeurons(resolved, kind) } : {}),
    ...(precision === undefined ? {} : { precision: reportPrecision(precision) }),
  };
}

function reportPrecision({ membraneBits, fraction, scale }: NeuronQuantization): NeuronPrecision {
  const extreme = (pick: (a: number, b: number) => number) => scale.reduce((a, b) => pick(a, b));
  return { membraneBits, fraction, scale: [extreme(Math.min), extreme(Math.max)] };
}

function reportLearned(model: Model, { name, learns, weights }: NodeReport): LearningSummary {
  const chosen = rulesOf(model, name).find(({ storage }) => storage !== undefined)?.storage;
  return { name, rules: learns, weights, storage: chosen ?? (model.quantization === undefined ? 'float32' : 'int16') };
}

function rulesOf(model: Model, node: string): readonly LearningDeclaration[] {
  return model.learning.get(node) ?? [];
}

function edgesOf(graph: ResolvedGraph): Inspection['edges'] {
  const nameOf = (index: number) => graph.nodes[index]!.name;
  return graph.edges.map(({ source, target, delay }) => ({ source: nameOf(source), target: nameOf(target), delay }));
}

function featuresOf({ features = new Map() }: Model): Inspection['features'] {
  const typeOf = (stage: FeatureStage) => ('type' in stage ? stage.type : stage.map(({ type }) => type));
  return Object.fromEntries([...features].map(([node, stages]) => [node, stages.map(typeOf)]));
}

function typesOf(declarations: Model['encoder']): Readonly<Record<string, string>> {
  return Object.fromEntries([...declarations].map(([node, { type }]) => [node, type]));
}
