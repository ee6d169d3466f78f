import type { EventBuffer } from '@spikewire/engine/network';
import { elementCount } from '@spikewire/models';
import { DrawnSpike } from './drawn-spike.ts';
import type { Observed, RecordPlan } from './recording.ts';
import { Ring } from './ring.ts';

/** [step, index], or [step, index, value] where the value is not 1. */
export type RecordedEvent = readonly [number, number] | readonly [number, number, number];

export interface Recording {
  /** Spikes of neurons and events of Output nodes, by node. */
  readonly spikes: Record<string, RecordedEvent[]>;
  /** By node and state variable: the values of all neurons at the end of each step. */
  readonly traces: Record<string, Record<string, number[][]>>;
  /** By connection: [step, row-major weights] for each step that changed them. */
  readonly weights: Record<string, [number, number[]][]>;
}

/** Probes on a running net, bounded where only the last steps are kept: a net may run for ever. */
export class Recorder {
  readonly #network: Observed;
  readonly #last: number;
  #next = 0;
  /** By node index. */
  readonly #spikes: ReadonlyMap<number, { readonly name: string; readonly events: Ring<RecordedEvent> }>;
  readonly #traces: readonly { readonly node: string; readonly variable: string; readonly rows: Ring<number[]> }[];
  /** By name of the node. */
  readonly #drawnSpikes = new Map<string, DrawnSpike>();
  readonly #weights: readonly { readonly name: string; now: Float64Array; readonly rows: Ring<[number, number[]]> }[];

  /** `last`: how many steps are kept, Infinity for all. */
  constructor(network: Observed, plan: RecordPlan, last: number) {
    this.#network = network;
    this.#last = last;
    const sizeOf = (index: number) => elementCount(network.graph.nodes[index]!.shape);
    this.#spikes = new Map(
      plan.spikes.map(({ index, name }) => [index, { name, events: new Ring(last * sizeOf(index)) }]),
    );
    this.#traces = plan.traces.map((trace) => ({ ...trace, rows: new Ring(last) }));
    for (const { node, variable } of plan.traces) if (variable === 'v') this.#drawSpikesOf(node);
    this.#weights = plan.weights.map((name) => ({ name, now: network.readWeights(name), rows: new Ring(last) }));
  }

  /** Takes up what the next step did: the events of a window of one step, then states and weights as they are now. */
  takeUp(...windows: readonly EventBuffer[]): void {
    const step = this.#next++;
    for (const window of windows) this.#takeUpEvents(step, window);
    for (const { node, variable, rows } of this.#traces) {
      const values = Array.from(this.#network.readState(node, variable));
      if (variable === 'v') this.#drawnSpikes.get(node)?.draw(values);
      rows.push(values);
    }
    for (const recorded of this.#weights) {
      const now = this.#network.readWeights(recorded.name);
      if (now.every((weight, k) => weight === recorded.now[k])) continue;
      recorded.now = now;
      recorded.rows.push([step, Array.from(now)]);
    }
  }

  recording(): Recording {
    const isKept = ([step]: readonly [number, ...unknown[]]) => step >= this.#next - this.#last;
    const traces: Recording['traces'] = {};
    for (const { node, variable, rows } of this.#traces) {
      traces[node] = { ...traces[node], [variable]: rows.toArray() };
    }
    return {
      spikes: Object.fromEntries(
        [...this.#spikes.values()].map(({ name, events }) => [name, events.toArray().filter(isKept)]),
      ),
      traces,
      weights: Object.fromEntries(this.#weights.map(({ name, rows }) => [name, rows.toArray().filter(isKept)])),
    };
  }

  #drawSpikesOf(name: string): void {
    const node = this.#network.graph.nodes.find((candidate) => candidate.name === name)!;
    const drawn = DrawnSpike.of(node, elementCount(node.shape));
    if (drawn !== undefined) this.#drawnSpikes.set(name, drawn);
  }

  #takeUpEvents(step: number, { length, node, index, value }: EventBuffer): void {
    for (let k = 0; k < length; k++) {
      this.#drawnSpikes.get(this.#network.graph.nodes[node[k]!]!.name)?.begin(index[k]!);
      const events = this.#spikes.get(node[k]!)?.events;
      events?.push(value[k] === 1 ? [step, index[k]!] : [step, index[k]!, value[k]!]);
    }
  }
}
