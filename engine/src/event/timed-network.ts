import {
  elementCount,
  kept,
  type Model,
  modelDigest,
  type ResolvedGraph,
  real,
  SpikewireError,
  wire,
} from '@spikewire/models';
import { checkEvents } from '../check-input.ts';
import { type NetworkCounters, newCounters } from '../engine.ts';
import type { TimedEventBuffer } from '../event-columns.ts';
import { indexOfNode, realGraphOf, refuseState } from '../model-graph.ts';
import { retainedBytes } from '../retained-bytes.ts';
import { restoreState, writeState } from '../state-file.ts';
import { Assembly } from './assembly.ts';
import { refuseWhatNeedsSteps, samplesOf } from './continuous.ts';

const NAME = 'event in continuous time';
/** Moments at which something happens, in one turn: milliseconds on a small machine. */
const VISITS_PER_TURN = 1000;

/**
 * A net in continuous time: events come and go at any time, to the microsecond of a sensor or finer, and a spike is
 * where the solution of the membrane's equation meets the threshold, not at the end of a step.
 *
 * Between events a membrane follows its equation exactly, whatever `integrate` says; biases are currents. An event
 * brings at once what on the grid a whole step brings by its end, so that step t of the grid is the time (t + 1)·dt,
 * and a net with `exact` whose events lie on the grid has the membranes of the grid at these times. A crossing is a
 * spike for `gt` and for `ge`; a neuron that does not rest, resets by subtraction and is lifted by several thresholds
 * emits as many spikes at once. By itself a neuron spikes at most 1024 times a step, however strong its input, so that
 * time always goes on. Delays are multiples of dt, rests as long as they were given. A read-out hands on its state
 * once, at the end of each call; elsewhere it would have to do so all the time. Weights do not learn.
 */
export class TimedNetwork {
  readonly model: Model;
  readonly graph: ResolvedGraph;
  readonly counters: NetworkCounters = newCounters();
  readonly bytes: number;

  #digest: string | undefined;
  /** Seconds. */
  readonly #dt: number;
  /**
   * In steps, and in the seconds that were asked for: a quotient times dt is not always the number that was divided.
   */
  readonly #now = new Float64Array(2);
  readonly #assembly: Assembly;
  readonly #outputs: readonly number[];
  readonly #spiking: readonly number[];
  readonly #samples: readonly { readonly readOut: number; readonly output: number; readonly values: Float64Array }[];

  /** Throws `unsupported` with the first node that needs steps, and why. */
  constructor(model: Model) {
    this.model = model;
    this.graph = realGraphOf(model);
    this.#dt = model.semantics.dt;
    refuseWhatNeedsSteps(wire(this.graph));
    const samples = samplesOf(this.graph);
    const edges = this.graph.edges.filter((edge) => !samples.includes(edge));
    const options = { axis: 'continuous', counters: this.counters, learns: () => false } as const;
    this.#assembly = new Assembly(wire({ ...this.graph, edges }), options, 0);
    const entries = [...this.graph.nodes.entries()];
    this.#outputs = entries.filter(([, { kind }]) => kind.role === 'output').map(([index]) => index);
    this.#spiking = entries
      .filter(([, { kind }]) => kind.role === 'neuron' && kind.emits === 'spikes')
      .map(([index]) => index);
    this.#samples = samples.map(({ source, target }) => {
      const values = new Float64Array(elementCount(this.graph.nodes[source]!.shape));
      return { readOut: source, output: target, values };
    });
    this.bytes =
      this.#assembly.bytes + retainedBytes([this.graph, this.#assembly.retained, this.#now, this.#samples], [model]);
  }

  /** Seconds that the net has run. */
  get time(): number {
    return this.#now[1]!;
  }

  /**
   * Emissions that were lost between a spike and its delayed arrival, because more were under way than there is room
   * for.
   */
  get dropped(): number {
    return this.#assembly.dropped;
  }

  /**
   * Runs to the time `until` in seconds. Takes `input`, events of Input nodes from the present time to before `until`,
   * in order; appends what the Output nodes emit to `output`, and all spikes of neurons to `raster` where one is given,
   * with their times.
   */
  runEvents(until: number, input: TimedEventBuffer, output: TimedEventBuffer, raster?: TimedEventBuffer): void {
    for (const _ of this.runEventsInTurns(until, input, output, raster));
  }

  /** The same in turns; gives the time that it has come to, in seconds, between them. */
  *runEventsInTurns(
    until: number,
    input: TimedEventBuffer,
    output: TimedEventBuffer,
    raster?: TimedEventBuffer,
  ): Generator<number, void> {
    this.#check(until, input);
    const end = until / this.#dt;
    for (let event = 0, visits = 1; ; visits++) {
      const arrival = event < input.length ? input.time[event]! / this.#dt : end;
      const now = Math.min(arrival, this.#assembly.next);
      // An event just before the end may be at the end once it is counted in steps.
      if (now >= end && event >= input.length) break;
      for (; event < input.length && input.time[event]! / this.#dt === now; event++) {
        this.#assembly.nodes[input.node[event]!]!.arrivals[0]!.add(input.index[event]!, input.value[event]!);
      }
      this.#assembly.visit(now);
      this.#record(this.#outputs, now * this.#dt, output);
      if (raster !== undefined) this.#record(this.#spiking, now * this.#dt, raster);
      if (visits % VISITS_PER_TURN === 0) yield now * this.#dt;
    }
    this.#now[0] = end;
    this.#now[1] = until;
    for (const { readOut, output: index, values } of this.#samples) {
      this.#assembly.nodes[readOut]!.readState('v', end, values);
      for (let i = 0; i < values.length; i++) if (values[i] !== 0) output.push(until, index, i, values[i]!);
    }
  }

  /** A state variable of a neuron node at the present time, a copy. */
  readState(node: string, variable: string): Float64Array {
    const working = this.#assembly.nodes[indexOfNode(this.graph, node)]!;
    if (!working.variables.includes(variable)) refuseState(node, variable, working.variables);
    const values = new Float64Array(working.emission.index.length);
    working.readState(variable, this.#now[0]!, values);
    return values;
  }

  /** Membranes and delays start anew, at the present time. */
  resetActivity(): void {
    this.#assembly.reset(this.#now[0]!);
  }

  save(): Uint8Array {
    return writeState({ ...this.#saved(), step: Math.floor(this.#now[0]!) });
  }

  /** Throws `store` when the bytes are damaged or belong to another model; the running state is then untouched. */
  restore(bytes: Uint8Array): void {
    restoreState(bytes, this.#saved());
    this.#assembly.restored(this.#now[0]!);
  }

  #record(nodes: readonly number[], time: number, buffer: TimedEventBuffer): void {
    for (const node of nodes) {
      const { length, index, value } = this.#assembly.nodes[node]!.emission;
      for (let k = 0; k < length; k++) buffer.push(time, node, index[k]!, value[k]!);
    }
  }

  #check(until: number, input: TimedEventBuffer): void {
    if (!(until >= this.time && until < Number.POSITIVE_INFINITY)) {
      throw new SpikewireError('input', 'end of the run', `is ${until} s`, `a time from ${this.time} s on`);
    }
    checkEvents(this.graph, input, input.time, {
      from: this.time,
      end: until,
      at: (time) => `is at ${time} s`,
      possible: (earliest) => `${earliest} s to before ${until} s`,
    });
  }

  #saved() {
    this.#digest ??= modelDigest(this.model);
    const state = { ...this.#assembly.saved, now: kept(this.#now, real(0)) };
    return { engine: NAME, model: this.#digest, counters: this.counters, state };
  }
}
