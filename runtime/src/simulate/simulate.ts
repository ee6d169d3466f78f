import { setImmediate } from 'node:timers/promises';
import { elementCount, type Model, type ResolvedGraph, SpikewireError } from '@spikewire/models';
import type { AddressEvents } from '../address-events/address-events.ts';
import { stepsForInput } from '../address-events/into-network.ts';
import type { Engine, LoadOptions, NetworkCounters, RunningNetwork } from '../engine/engine.ts';
import { EventBuffer } from '../engine/event-buffer.ts';
import { describeNonFinite, findNonFinite } from '../engine/non-finite.ts';
import { referenceEngine } from '../engine/reference/reference.ts';
import type { DenseSteps } from './dense-steps.ts';
import { inputFromDense, parseInput, type SimulationInput } from './input.ts';
import { Recorder, type Recording } from './recorder.ts';
import { planRecording, type RecordRequest } from './recording.ts';

export interface SimulateOptions extends LoadOptions {
  /** Default: the reference engine. */
  readonly engine?: Engine;
  /** Whether rules and teaching signals change weights. Default false. */
  readonly learn?: boolean;
  /** Default: the spikes of all nodes. */
  readonly record?: readonly RecordRequest[];
  /** Keeps only what the last so many steps did, ≥ 1. Default: all of them. */
  readonly last?: number;
  /** Told what is doubtful about the run, one line each. */
  readonly warn?: (line: string) => void;
}

export interface SimulationOutput extends Recording {
  readonly dt: number;
  readonly steps: number;
  readonly counters: NetworkCounters;
}

/** Elements of all nodes times steps in one turn: milliseconds on a small machine. */
const ELEMENTS_PER_TURN = 100_000;

/**
 * Runs a model over a whole input and records what it does. `input` is the JSON form (see `parseInput`), an array with
 * one row per step for the model's only Input node, or what an event camera saw, for the same. Throws `SpikewireError`
 * with the place of what is wrong.
 */
export function simulate(
  model: Model,
  input: unknown | DenseSteps | AddressEvents,
  options: SimulateOptions = {},
): SimulationOutput {
  return finish(run(model, input, options));
}

/**
 * The same in turns, between which other things may happen. Rejects with `input` when `signal` is aborted before the
 * end.
 */
export async function simulateInTurns(
  model: Model,
  input: unknown | DenseSteps | AddressEvents,
  options: SimulateOptions,
  signal: AbortSignal,
): Promise<SimulationOutput> {
  const running = run(model, input, options);
  for (let turn = running.next(); ; turn = running.next()) {
    if (turn.done === true) return turn.value;
    await setImmediate();
    if (!signal.aborted) continue;
    const { step, steps } = turn.value;
    throw new SpikewireError('input', 'simulation', `was stopped after ${step} of ${steps} steps`, 'its end');
  }
}

interface Progress {
  readonly step: number;
  readonly steps: number;
}

function finish<Result>(running: Generator<unknown, Result>): Result {
  for (let turn = running.next(); ; turn = running.next()) if (turn.done === true) return turn.value;
}

/** Gives its progress between turns. */
function* run(
  model: Model,
  input: unknown | DenseSteps | AddressEvents,
  options: SimulateOptions,
): Generator<Progress, SimulationOutput> {
  const { engine = referenceEngine, learn = false, record = [{ what: 'spikes' }], last, warn, ...loading } = options;
  const network = engine.load(model, loading);
  network.learning = learn;
  const given = inputFor(network.graph, input);
  const recorder = new Recorder(network, planRecording(record, network), last ?? Number.POSITIVE_INFINITY);
  if (network.choice?.warning !== undefined) warn?.(network.choice.warning);
  const output = yield* runAndRecord(network, given, recorder);
  const nonFinite = findNonFinite(network);
  if (nonFinite !== undefined) warn?.(describeNonFinite(nonFinite));
  return output;
}

function inputFor(graph: ResolvedGraph, input: unknown): SimulationInput {
  if (isDense(input)) return inputFromDense(input, graph);
  if (isRecording(input)) return { ...stepsForInput(graph, input), teach: [] };
  return parseInput(input, graph);
}

function isRecording(input: unknown): input is AddressEvents {
  return (input as Partial<AddressEvents> | null)?.polarity instanceof Uint8Array;
}

function isDense(input: unknown): input is DenseSteps {
  return (input as Partial<DenseSteps> | null)?.values instanceof Float64Array;
}

/** One window per step, so that everything can be recorded and taught between steps. */
function* runAndRecord(
  network: RunningNetwork,
  { steps, events, teach }: SimulationInput,
  recorder: Recorder,
): Generator<Progress, SimulationOutput> {
  const size = network.graph.nodes.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  const [arriving, leaving, raster] = [largestStep(events), size, size].map(
    (capacity) => new EventBuffer(capacity),
  ) as [EventBuffer, EventBuffer, EventBuffer];

  const turn = Math.ceil(ELEMENTS_PER_TURN / size);
  for (let step = 0, event = 0, signal = 0; step < steps; step++) {
    for (const buffer of [arriving, leaving, raster]) buffer.clear();
    for (; event < events.length && events.step[event] === step; event++) {
      arriving.push(0, events.node[event]!, events.index[event]!, events.value[event]!);
    }
    network.run(1, arriving, leaving, raster);
    for (; signal < teach.length && teach[signal]!.step === step; signal++) {
      network.teach(teach[signal]!.connection, teach[signal]!.signal, step);
    }
    recorder.takeUp(raster, leaving);
    if ((step + 1) % turn === 0) yield { step: step + 1, steps };
  }
  return { dt: network.graph.semantics.dt, steps, ...recorder.recording(), counters: network.counters };
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
