import { elementCount, type Model } from '@spikewire/models';
import type { Engine, LoadOptions, NetworkCounters, RunningNetwork } from '../engine/engine.ts';
import { EventBuffer } from '../engine/event-buffer.ts';
import { referenceEngine } from '../engine/reference/reference.ts';
import type { DenseSteps } from './dense-steps.ts';
import { inputFromDense, parseInput, type SimulationInput } from './input.ts';
import { planRecording, type RecordPlan, type RecordRequest } from './recording.ts';

export interface SimulateOptions extends LoadOptions {
  /** Default: the reference engine. */
  readonly engine?: Engine;
  /** Whether rules and teaching signals change weights. Default false. */
  readonly learn?: boolean;
  /** Default: the spikes of all nodes. */
  readonly record?: readonly RecordRequest[];
}

/** [step, index], or [step, index, value] where the value is not 1. */
export type RecordedEvent = readonly [number, number] | readonly [number, number, number];

export interface SimulationOutput {
  readonly dt: number;
  readonly steps: number;
  /** Spikes of neurons and events of Output nodes, by node. */
  readonly spikes: Record<string, RecordedEvent[]>;
  /** By node and state variable: the values of all neurons at the end of each step. */
  readonly traces: Record<string, Record<string, number[][]>>;
  /** By connection: [step, row-major weights] for each step that changed them. */
  readonly weights: Record<string, [number, number[]][]>;
  readonly counters: NetworkCounters;
}

/**
 * Runs a model over a whole input and records what it does. `input` is the JSON form (see `parseInput`), or an array with one row per
 * step for the model's only Input node. Throws `SpikewireError` with the place of what is wrong.
 */
export function simulate(model: Model, input: unknown | DenseSteps, options: SimulateOptions = {}): SimulationOutput {
  const { engine = referenceEngine, learn = false, record = [{ what: 'spikes' }], ...loading } = options;
  const network = engine.load(model, loading);
  network.learning = learn;
  const given = isDense(input) ? inputFromDense(input, network.graph) : parseInput(input, network.graph);
  return runAndRecord(network, given, planRecording(record, network));
}

function isDense(input: unknown): input is DenseSteps {
  return (input as Partial<DenseSteps> | null)?.values instanceof Float64Array;
}

/** One window per step, so that everything can be recorded and taught between steps. */
function runAndRecord(
  network: RunningNetwork,
  { steps, events, teach }: SimulationInput,
  plan: RecordPlan,
): SimulationOutput {
  const output: SimulationOutput = {
    dt: network.graph.semantics.dt,
    steps,
    spikes: Object.fromEntries(plan.spikes.map(({ name }) => [name, []])),
    traces: {},
    weights: Object.fromEntries(plan.weights.map((name) => [name, []])),
    counters: network.counters,
  };
  for (const { node, variable } of plan.traces) output.traces[node] = { ...output.traces[node], [variable]: [] };
  const recorded = new Map(plan.spikes.map(({ place, name }) => [place, output.spikes[name]!]));
  const known = new Map(plan.weights.map((name) => [name, network.readWeights(name)]));
  const size = network.graph.nodes.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  const [arriving, leaving, raster] = [largestStep(events), size, size].map(
    (capacity) => new EventBuffer(capacity),
  ) as [EventBuffer, EventBuffer, EventBuffer];

  for (let step = 0, event = 0, signal = 0; step < steps; step++) {
    for (const buffer of [arriving, leaving, raster]) buffer.clear();
    for (; event < events.length && events.step[event] === step; event++) {
      arriving.push(0, events.node[event]!, events.index[event]!, events.value[event]!);
    }
    network.run(1, arriving, leaving, raster);
    for (; signal < teach.length && teach[signal]!.step === step; signal++) {
      network.teach(teach[signal]!.connection, teach[signal]!.signal, step);
    }
    for (const buffer of [raster, leaving]) recordEvents(step, buffer, recorded);
    for (const { node, variable } of plan.traces) {
      output.traces[node]![variable]!.push(Array.from(network.readState(node, variable)));
    }
    for (const name of plan.weights) recordWeights(step, name, network, known, output.weights[name]!);
  }
  return output;
}

/** The most events that one step has. */
function largestStep({ step, length }: EventBuffer): number {
  let largest = 0;
  for (let k = 0, first = 0; k < length; k++) {
    if (step[k] !== step[first]) first = k;
    largest = Math.max(largest, k - first + 1);
  }
  return largest;
}

function recordEvents(
  step: number,
  { length, node, index, value }: EventBuffer,
  recorded: ReadonlyMap<number, RecordedEvent[]>,
): void {
  for (let k = 0; k < length; k++) {
    recorded.get(node[k]!)?.push(value[k] === 1 ? [step, index[k]!] : [step, index[k]!, value[k]!]);
  }
}

function recordWeights(
  step: number,
  name: string,
  network: RunningNetwork,
  known: Map<string, Float64Array>,
  entries: [number, number[]][],
): void {
  const now = network.readWeights(name);
  const before = known.get(name)!;
  if (now.every((weight, k) => weight === before[k])) return;
  known.set(name, now);
  entries.push([step, Array.from(now)]);
}
