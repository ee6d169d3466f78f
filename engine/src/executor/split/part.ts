import { type Model, modelDigest, type ResolvedGraph, resolveGraph } from '@spikewire/models';
import { EventBuffer, type EventList } from '../../event-buffer.ts';
import type { Executor } from '../executor.ts';
import type { PartModel } from './part-model.ts';

/** An event in the steps of a whole net, of one of its nodes. */
export interface NetEvent {
  readonly step: number;
  readonly node: number;
  readonly index: number;
  readonly value: number;
}

/** A part of a net that runs, with the whole net's indices of its nodes. */
export class RunningPart {
  readonly executor: Executor;
  readonly model: Model;
  readonly digest: string;
  /** Indices in the whole net of the nodes whose events it takes. */
  readonly inputs: ReadonlyMap<number, number>;
  readonly names: ReadonlySet<string>;
  readonly #wholeOf: readonly number[];
  readonly #isSent: readonly boolean[];

  constructor(executor: Executor, { model, sent }: PartModel, whole: ResolvedGraph) {
    this.executor = executor;
    this.model = model;
    this.digest = modelDigest(model);
    const { nodes } = resolveGraph(model.graph, model.semantics);
    const indices = new Map(whole.nodes.map(({ name }, index) => [name, index]));
    const sources = new Map([...sent].map(([node, name]) => [name, node]));
    this.#wholeOf = nodes.map(({ name }) => sources.get(name) ?? indices.get(name)!);
    this.#isSent = nodes.map(({ name }) => sources.has(name));
    this.inputs = new Map(
      nodes.flatMap(({ kind }, own) => (kind.role === 'input' ? [[this.#wholeOf[own]!, own] as const] : [])),
    );
    this.names = new Set(nodes.map(({ name }) => name));
  }

  /** Those of the events that it takes, for a window that begins at step `from`. */
  take(events: readonly NetEvent[], from: number): EventList {
    const own = events.filter(({ node }) => this.inputs.has(node)).sort((a, b) => a.step - b.step);
    const buffer = new EventBuffer(own.length);
    for (const { step, node, index, value } of own) buffer.push(step - from, this.inputs.get(node)!, index, value);
    return buffer.toList();
  }

  /** Its events in the steps and indices of the whole net: what leaves the net, and what others hear. */
  give({ step, node, index, value }: EventList, from: number): { left: NetEvent[]; sent: NetEvent[] } {
    const [left, sent]: NetEvent[][] = [[], []];
    for (let k = 0; k < step.length; k++) {
      const event = { step: step[k]! + from, node: this.#wholeOf[node[k]!]!, index: index[k]!, value: value[k]! };
      (this.#isSent[node[k]!] ? sent! : left!).push(event);
    }
    return { left: left!, sent: sent! };
  }
}

/** Events as a list, by step, node and index. */
export function listOf(events: readonly NetEvent[]): EventList {
  const sorted = [...events].sort((a, b) => a.step - b.step || a.node - b.node || a.index - b.index);
  const buffer = new EventBuffer(sorted.length);
  for (const { step, node, index, value } of sorted) buffer.push(step, node, index, value);
  return buffer.toList();
}

/** The events of a list whose steps count from `from`. */
export function eventsOf({ step, node, index, value }: EventList, from: number): NetEvent[] {
  return Array.from(step, (at, k) => ({ step: at + from, node: node[k]!, index: index[k]!, value: value[k]! }));
}
