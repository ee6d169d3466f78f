import {
  dequantize,
  type LearnedState,
  type Model,
  modelDigest,
  type ResolvedGraph,
  resolveGraph,
  SpikewireError,
} from '@spikewire/models';
import { type LearnedConnection, learnedConnections } from '../../learn/learned-connections.ts';
import { Learner } from '../../learn/learner.ts';
import { NetworkLearning } from '../../learn/network-learning.ts';
import { type SparseActivity, sparseActivity } from '../../learn/sparse-activity.ts';
import type { LearnedReport } from '../../learn/take-over.ts';
import { checkInput } from '../check-input.ts';
import { newCounters } from '../counters.ts';
import type { EngineChoice, LoadOptions, NetworkCounters, RunningNetwork, TeachingOutcome } from '../engine.ts';
import type { EventBuffer } from '../event-buffer.ts';
import { heldBytes } from '../held-bytes.ts';
import { restoreState, writeState } from '../state-file.ts';
import { Assembly } from './assembly.ts';
import type { ConnectionNode } from './connection-node.ts';
import type { EventNode } from './event-node.ts';
import { StepCount } from './step-count.ts';

/** What all tables of a net may take; models/src/file/budget.ts counts it in what a model asks for. */
const ROOM_FOR_TABLES = 32 * 2 ** 20;

/** A node whose emissions leave the net. */
interface Recording {
  readonly place: number;
  readonly emission: SparseActivity;
}

/** A learner and where it finds the activity on both sides. */
interface LearningSite {
  readonly learner: Learner;
  readonly connection: ConnectionNode;
  readonly post: SparseActivity;
  /** Where the rules look at the membranes behind the connection: these, and what to write them to. */
  readonly behind: { readonly population: EventNode; readonly membrane: Float64Array } | undefined;
}

/**
 * A net on the grid of steps in which only those steps are visited in which something happens. What learning remembers
 * passes over the silent steps at once; where a rule acts in every step, every step is visited.
 */
export class EventNetwork implements RunningNetwork {
  readonly model: Model;
  readonly graph: ResolvedGraph;
  readonly counters: NetworkCounters = newCounters();
  readonly bytes: number;
  learning = true;

  #step = 0;
  #choice: EngineChoice;
  readonly #stepCount = new StepCount();
  #digest: string | undefined;
  readonly #engine: string;
  readonly #assembly: Assembly;
  readonly #outputs: readonly Recording[];
  readonly #spiking: readonly Recording[];
  readonly #learningSites: readonly LearningSite[];
  readonly #learning: NetworkLearning;

  /** `name` is the engine's; with `tables` neurons without a closed form run by tables of their flow. */
  constructor(model: Model, { history = 16 }: LoadOptions, name: string, tables: boolean) {
    this.#engine = name;
    const { graph, semantics } = model.quantization === undefined ? model : dequantize(model);
    this.model = model;
    this.graph = resolveGraph(graph, semantics);
    const learned = learnedConnections(model, this.graph);
    const learns = (place: number) => learned.some((connection) => connection.place === place);
    const wanted = tables && { stepCount: this.#stepCount, room: { bytes: ROOM_FOR_TABLES } };
    this.#assembly = new Assembly(
      this.graph,
      { axis: 'grid', counters: this.counters, learns, ...(wanted && { tables: wanted }) },
      -1,
    );
    const { untabled } = this.#assembly;
    this.#choice = { engine: name, because: null, ...(untabled.length > 0 && { warning: untabled.join('; ') }) };
    this.#outputs = this.#recordings(({ kind }) => kind.role === 'output');
    this.#spiking = this.#recordings(({ kind }) => kind.role === 'neuron' && kind.emits === 'spikes');
    this.#learningSites = learned.map((connection) => this.#learningSite(connection, history));
    this.#learning = new NetworkLearning(this.#learningSites.map(({ learner }) => learner));
    const membranes = this.#learningSites.map(({ behind }) => behind?.membrane);
    const beside = [this.graph, this.#assembly.held, this.#learning.held, membranes];
    this.bytes = this.#assembly.bytes + this.#learning.bytes + heldBytes(beside, [model]);
  }

  get step(): number {
    return this.#step;
  }

  /** With tables it says, now and then anew, for how many steps they held. */
  get choice(): EngineChoice {
    const because = this.#stepCount.report;
    if (because !== this.#choice.because) this.#choice = { ...this.#choice, because };
    return this.#choice;
  }

  run(steps: number, input: EventBuffer, output: EventBuffer, raster?: EventBuffer): void {
    checkInput(this.graph, steps, input);
    const first = this.#step;
    const end = first + steps;
    for (let event = 0; ; ) {
      const arrival = event < input.length ? first + input.step[event]! : end;
      const now = Math.min(arrival, this.#assembly.next, this.#learning.next(this.#step));
      if (now >= end) break;
      this.#skipTo(now);
      for (; event < input.length && first + input.step[event]! === now; event++) {
        this.#nodes[input.node[event]!]!.arrivals[0]!.add(input.index[event]!, input.value[event]!);
      }
      this.#assembly.visit(now);
      record(this.#outputs, now - first, output);
      if (raster !== undefined) record(this.#spiking, now - first, raster);
      for (const site of this.#learningSites) this.#learn(site, now);
      this.#step = now + 1;
    }
    this.#skipTo(end);
    this.#stepCount.pass(steps);
    for (const { learner, behind } of this.#learningSites) {
      if (behind !== undefined && learner.needsMembraneToTeach) learner.look(membraneOf(behind, end - 1));
    }
    this.#learning.endWindow();
  }

  teach(connection: string, signal: ArrayLike<number>, step = this.#step - 1): TeachingOutcome {
    if (!this.learning) return 'frozen';
    return this.#learning.teach(connection, signal, step, this.counters);
  }

  readState(node: string, variable: string): Float64Array {
    const working = this.#nodes[this.#placeOf(node)]!;
    if (working.variables.includes(variable)) {
      const values = new Float64Array(working.emission.index.length);
      working.readState(variable, this.#step - 1, values);
      return values;
    }
    const known = working.variables.join(', ') || 'none';
    throw new SpikewireError('input', `node "${node}"`, `has no state "${variable}"`, known);
  }

  readWeights(connection: string): Float64Array {
    const { kind, node, inputShape } = this.graph.nodes[this.#placeOf(connection)]!;
    const base = kind.role === 'connection' ? kind.connect(node, inputShape).weights : undefined;
    if (base === undefined) {
      throw new SpikewireError('input', `node "${connection}"`, 'has no weights', 'a connection node with weights');
    }
    const learner = this.#learning.find(connection);
    return Float64Array.from(base, (weight, k) => learner?.weights.read(k) ?? weight);
  }

  resetActivity(): void {
    this.#assembly.reset(this.#step - 1);
    this.#learning.resetActivity();
  }

  resetLearning(): void {
    this.#learning.resetLearning();
  }

  saveLearned(): LearnedState {
    return this.#learning.save();
  }

  restoreLearned(learned: LearnedState): readonly LearnedReport[] {
    return this.#learning.takeOver(learned);
  }

  save(): Uint8Array {
    return writeState({ ...this.#saved(), step: this.#step });
  }

  restore(bytes: Uint8Array): void {
    this.#step = restoreState(bytes, this.#saved());
    this.#assembly.restored(this.#step - 1);
    this.#learning.restored();
  }

  get #nodes(): readonly EventNode[] {
    return this.#assembly.nodes;
  }

  #recordings(which: (node: ResolvedGraph['nodes'][number]) => boolean): Recording[] {
    return this.graph.nodes.flatMap((node, place) =>
      which(node) ? [{ place, emission: this.#nodes[place]!.emission }] : [],
    );
  }

  #learningSite(connection: LearnedConnection, history: number): LearningSite {
    const node = this.#nodes[connection.place] as ConnectionNode;
    const weights = node.learnable();
    const learner = new Learner({ connection, weights, dt: this.model.semantics.dt, history });
    const post = connection.post === undefined ? sparseActivity(0) : this.#nodes[connection.post]!.emission;
    const target = connection.target && this.#nodes[connection.target.place];
    const behind =
      target !== undefined && learner.needsMembrane
        ? { population: target, membrane: new Float64Array(target.emission.index.length) }
        : undefined;
    return { learner, connection: node, post, behind };
  }

  /** Lets the silent steps before `step` pass. */
  #skipTo(step: number): void {
    const silent = step - this.#step;
    if (silent === 0) return;
    for (const { learner } of this.#learningSites) learner.skip(this.#step, silent);
    this.#step = step;
  }

  #learn({ learner, connection, post, behind }: LearningSite, now: number): void {
    const isLookedAt = behind !== undefined && !learner.needsMembraneToTeach;
    const membrane = isLookedAt ? membraneOf(behind, now) : undefined;
    learner.step(now, connection.arrivedAt(now), post, this.learning, membrane);
  }

  #placeOf(node: string): number {
    const place = this.graph.nodes.findIndex(({ name }) => name === node);
    if (place < 0) throw new SpikewireError('input', `node "${node}"`, 'is not in the graph');
    return place;
  }

  #saved() {
    this.#digest ??= modelDigest(this.model);
    const arrays = new Map([...this.#learning.state(), ...this.#assembly.saved]);
    return { engine: this.#engine, model: this.#digest, counters: this.counters, arrays, learning: this.#learning };
  }
}

/** The state of the population behind at the end of step `now`. */
function membraneOf({ population, membrane }: NonNullable<LearningSite['behind']>, now: number): Float64Array {
  population.readState('v', now, membrane);
  return membrane;
}

function record(recordings: readonly Recording[], step: number, buffer: EventBuffer): void {
  for (const { place, emission } of recordings) {
    for (let k = 0; k < emission.length; k++) buffer.push(step, place, emission.index[k]!, emission.value[k]!);
  }
}
