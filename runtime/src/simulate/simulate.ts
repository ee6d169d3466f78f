import { setImmediate } from 'node:timers/promises';
import { referenceEngine } from '@spikewire/engine';
import type { Engine, LoadOptions, NetworkCounters, RunningNetwork } from '@spikewire/engine/network';
import { describeNonFinite, EventBuffer, findNonFinite } from '@spikewire/engine/network';
import { elementCount, type Model, type ResolvedGraph, SpikewireError } from '@spikewire/models';
import type { AddressEvents } from '../address-events/address-events.ts';
import { stepsForInput } from '../address-events/into-network.ts';
import type { DenseSteps } from './dense-steps.ts';
import { inputFromDense, inSteps, parseInput, type SimulationInput } from './input.ts';
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
    throw stopped(turn.value);
  }
}

interface Progress {
  readonly step: number;
  readonly steps: number;
}

/** That somebody ended a simulation before its end. */
export function stopped({ step, steps }: Progress): SpikewireError {
  return new SpikewireError('input', 'simulation', `was stopped after ${step} of ${steps} steps`, 'its end');
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

/** Checks an input of any form. */
export function inputFor(graph: ResolvedGraph, input: unknown): SimulationInput {
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

function* runAndRecord(
  network: RunningNetwork,
  given: SimulationInput,
  recorder: Recorder,
): Generator<Progress, SimulationOutput> {
  const { steps } = given;
  const size = network.graph.nodes.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  const [leaving, raster] = [new EventBuffer(size), new EventBuffer(size)];
  const turn = Math.ceil(ELEMENTS_PER_TURN / size);
  for (const { step, arriving, teach } of inSteps(given)) {
    leaving.clear();
    raster.clear();
    network.run(1, arriving, leaving, raster);
    for (const { connection, signal } of teach) network.teach(connection, signal, step);
    recorder.takeUp(raster, leaving);
    if ((step + 1) % turn === 0) yield { step: step + 1, steps };
  }
  return { dt: network.graph.semantics.dt, steps, ...recorder.recording(), counters: network.counters };
}
