import {
  anything,
  elementCount,
  type KeptState,
  kept,
  type LearnedState,
  type ResolvedGraph,
  readLearned,
  readSafetensors,
  real,
  SpikewireError,
  whole,
} from '@spikewire/models';
import { type LearnedOnly, type NetworkCounters, newCounters } from '../../engine.ts';
import type { LearnedReport } from '../../learn/weights/take-over.ts';
import { ForeignStateError, restoreState, withLearned, writeState } from '../../state-file.ts';
import type { NetEvent, RunningPart } from './part.ts';

const NOTHING: LearnedState = new Map();

/** What changes in a net in parts, besides the states of the parts. */
export interface SplitNet {
  /** Of the whole model. */
  readonly digest: string;
  readonly graph: ResolvedGraph;
  readonly parts: readonly RunningPart[];
  /** Nodes whose events arrive a stride later. */
  readonly lateSources: ReadonlySet<number>;
  readonly stride: number;
  /** Steps done. */
  step: number;
  /** Events on their way to parts that ran before they were sent, at the steps in which they arrive, in order. */
  late: readonly NetEvent[];
}

/**
 * Saves a split net: the state of each part without its learned weights, the events that are between parts, and the
 * learned weights of the whole net once, in the form that every engine reads.
 */
export async function saveSplit(net: SplitNet, counters: NetworkCounters): Promise<Uint8Array> {
  const states = await Promise.all(net.parts.map(({ executor }) => executor.save()));
  const learned: LearnedState = new Map(states.flatMap((state) => [...readLearned(state)]));
  const { late, step } = net;
  const state: KeptState = {
    ...lateArrays(net, late.length, (k) => late[k]!),
    ...Object.fromEntries(states.map((bytes, k) => [`part${k}`, kept(withLearned(bytes, NOTHING), anything)])),
  };
  return writeState({ engine: nameOf(net), model: net.digest, step, counters, state, learning: holding(learned) });
}

/** Goes on as `Executor.restore` says; nothing has changed where it rejects. */
export async function restoreSplit(bytes: Uint8Array, net: SplitNet): Promise<LearnedOnly | undefined> {
  let states: readonly Uint8Array[];
  let because: string | undefined;
  try {
    states = readWhole(bytes, net);
  } catch (problem) {
    if (!(problem instanceof ForeignStateError)) throw problem;
    because = problem.message;
    states = learnedByPart(readLearned(bytes), net);
  }
  const before = await Promise.all(net.parts.map(({ executor }) => executor.save()));
  const reports: LearnedReport[] = [];
  try {
    for (const [k, { executor }] of net.parts.entries()) {
      const taken = await executor.restore(states[k]!);
      reports.push(...(taken?.reports ?? []));
      if (taken !== undefined) because ??= taken.because;
    }
  } catch (problem) {
    await Promise.all(net.parts.map(({ executor }, k) => executor.restore(before[k]!)));
    throw problem;
  }
  const { step, late } = because === undefined ? lateOf(bytes, net) : { step: net.step, late: [] };
  net.step = step;
  net.late = late;
  return because === undefined ? undefined : { because, reports };
}

function nameOf({ parts }: SplitNet): string {
  return `parts on ${parts.map(({ executor }) => executor.name).join(', ')}`;
}

function lateArrays({ graph, stride, lateSources, step }: SplitNet, length: number, event: (k: number) => NetEvent) {
  const sizes = graph.nodes.map(({ shape }) => elementCount(shape));
  const largest = Math.max(1, ...[...lateSources].map((node) => sizes[node]!));
  const column = (of: (event: NetEvent) => number) => Int32Array.from({ length }, (_, k) => of(event(k)));
  const values = Float64Array.from({ length }, (_, k) => event(k).value);
  return {
    'late.step': kept(
      column((each) => each.step - step),
      whole(0, Math.max(0, stride - 1)),
    ),
    'late.node': kept(
      column(({ node }) => node),
      whole(0, graph.nodes.length - 1),
    ),
    'late.index': kept(
      column(({ index }) => index),
      whole(0, largest - 1),
    ),
    'late.value': kept(values, real()),
  };
}

/** Views as long as the state has them, read and checked. */
function readViews(bytes: Uint8Array, net: SplitNet) {
  const { tensors } = readSafetensors(bytes, { allowNonFinite: true });
  const lengthOf = (name: string) => tensors.get(name)?.data.length ?? 0;
  const blank: NetEvent = { step: net.step, node: 0, index: 0, value: 0 };
  const late = lateArrays(net, lengthOf('late.step'), () => blank);
  const parts = net.parts.map((_, k) => kept(new Uint8Array(lengthOf(`part${k}`)), anything));
  const state: KeptState = { ...late, ...Object.fromEntries(parts.map((part, k) => [`part${k}`, part])) };
  const learning = holding(NOTHING);
  const step = restoreState(bytes, {
    engine: nameOf(net),
    model: net.digest,
    counters: newCounters(),
    state,
    learning,
  });
  return { step, late, parts };
}

function readWhole(bytes: Uint8Array, net: SplitNet): readonly Uint8Array[] {
  // What is no state at all is told by what reads learned weights, which checks digests first.
  const learned = readLearned(bytes);
  const { parts } = readViews(bytes, net);
  lateOf(bytes, net);
  // Earlier builds saved the learned weights also in the state of each part.
  return net.parts.map((part, k) => withLearned(parts[k]!.view, learnedOf(part, learned)));
}

function lateOf(bytes: Uint8Array, net: SplitNet): { readonly step: number; readonly late: NetEvent[] } {
  const { step, late } = readViews(bytes, net);
  const [steps, nodes, indices, values] = [
    late['late.step'].view,
    late['late.node'].view,
    late['late.index'].view,
    late['late.value'].view,
  ];
  const events = Array.from(steps, (offset, k) => {
    const [node, index] = [nodes[k]!, indices[k]!];
    if (!net.lateSources.has(node) || index >= elementCount(net.graph.nodes[node]!.shape))
      throw new ForeignStateError('state "late.node"', `has ${node} at ${k}`, 'a population that leads back');
    return { step: step + offset, node, index, value: values[k]! };
  });
  return { step, late: events.sort((a, b) => a.step - b.step) };
}

/** For each part a state that has only what its connections have learned. Throws `store` for connections of no part. */
function learnedByPart(learned: LearnedState, { parts, step }: SplitNet): Uint8Array[] {
  const stranger = [...learned.keys()].find((name) => !parts.some(({ model }) => model.learning.has(name)));
  if (stranger !== undefined)
    throw new SpikewireError('store', `what "${stranger}" has learned`, 'belongs to no connection that learns');
  return parts.map((part) => {
    const learning = holding(learnedOf(part, learned));
    return writeState({ engine: 'parts', model: part.digest, step, counters: newCounters(), state: {}, learning });
  });
}

function learnedOf({ model }: RunningPart, learned: LearnedState): LearnedState {
  return new Map([...learned].filter(([name]) => model.learning.has(name)));
}

/** What was learned, as it is; what is read elsewhere is left. */
function holding(learned: LearnedState) {
  return { save: () => learned, expectFit: () => {}, takeOver: () => {} };
}
