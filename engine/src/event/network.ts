import { type KeptState, type Model, type ResolvedNode, wire } from '@spikewire/models';
import { checkInput } from '../check-input.ts';
import { type EngineChoice, type LoadOptions, newCounters } from '../engine.ts';
import type { EventBuffer } from '../event-buffer.ts';
import { type LearnedConnection, learnedConnections } from '../learn/learned-connections.ts';
import { HISTORY, Learner, type ReadMembrane } from '../learn/learner.ts';
import { NetworkLearning } from '../learn/network-learning.ts';
import { type SparseActivity, sparseActivity } from '../learn/sparse-activity.ts';
import { realGraphOf } from '../model-graph.ts';
import { NetworkShell } from '../network-shell.ts';
import { retainedBytes } from '../retained-bytes.ts';
import { Assembly } from './assembly.ts';
import type { ConnectionNode } from './connections/connection-node.ts';
import type { EventNode } from './connections/event-node.ts';
import { StepCount } from './populations/step-count.ts';

/** What all tables of a net may take; models/src/check/budget.ts counts it in what a model asks for. */
const ROOM_FOR_TABLES = 32 * 2 ** 20;

/** A node whose emissions leave the net. */
interface Recording {
  readonly index: number;
  readonly emission: SparseActivity;
}

/** A learner and where it finds the activity on both sides. */
interface LearningSite {
  readonly learner: Learner;
  readonly connection: ConnectionNode;
  readonly post: SparseActivity;
  /** Where the rules look at the membranes behind the connection: these, and what to write them to. */
  readonly behind: { readonly population: EventNode; readonly membrane: Float64Array } | undefined;
  /** Present where they do so at the end of steps. */
  readonly readMembrane: ReadMembrane | undefined;
}

/**
 * A net on the grid of steps in which only those steps are visited in which something happens. What learning remembers
 * passes over the silent steps at once; where a rule acts in every step, every step is visited.
 */
export class EventNetwork extends NetworkShell {
  readonly bytes: number;
  protected readonly learners: NetworkLearning;
  #choice: EngineChoice;
  readonly #stepCount = new StepCount();
  readonly #assembly: Assembly;
  readonly #outputs: readonly Recording[];
  readonly #spiking: readonly Recording[];
  readonly #learningSites: readonly LearningSite[];

  /** `name` is the engine's; with `tables` neurons without a closed form run by tables of their flow. */
  constructor(model: Model, options: LoadOptions, name: string, tables: boolean) {
    super(name, model, realGraphOf(model, options.graph), newCounters());
    const { history = HISTORY } = options;
    const learned = learnedConnections(model, this.graph);
    const learns = (index: number) => learned.some((connection) => connection.index === index);
    const wanted = tables && { stepCount: this.#stepCount, room: { bytes: ROOM_FOR_TABLES } };
    this.#assembly = new Assembly(
      wire(this.graph),
      { axis: 'grid', counters: this.counters, learns, ...(wanted && { tables: wanted }) },
      -1,
    );
    const { untabled } = this.#assembly;
    this.#choice = { engine: name, because: null, ...(untabled.length > 0 && { warning: untabled.join('; ') }) };
    this.#outputs = this.#recordings(({ kind }) => kind.role === 'output');
    this.#spiking = this.#recordings(({ kind }) => kind.role === 'neuron' && kind.emits === 'spikes');
    this.#learningSites = learned.map((connection) => this.#learningSite(connection, history));
    this.learners = new NetworkLearning(this.#learningSites.map(({ learner }) => learner));
    const membranes = this.#learningSites.map(({ behind }) => behind?.membrane);
    const beside = [this.graph, this.#assembly.retained, this.learners.retained, membranes];
    this.bytes = this.#assembly.bytes + this.learners.bytes + retainedBytes(beside, [model]);
  }

  /** With tables it says, now and then anew, for how many steps they held. */
  get choice(): EngineChoice {
    const because = this.#stepCount.report;
    if (because !== this.#choice.because) this.#choice = { ...this.#choice, because };
    return this.#choice;
  }

  run(steps: number, input: EventBuffer, output: EventBuffer, raster?: EventBuffer): void {
    checkInput(this.graph, steps, input);
    const first = this.done;
    const end = first + steps;
    for (let event = 0; ; ) {
      const arrival = event < input.length ? first + input.step[event]! : end;
      // What a state from outside has foreseen for the past comes now.
      const now = Math.max(this.done, Math.min(arrival, this.#assembly.next, this.learners.next(this.done)));
      if (now >= end) break;
      this.#skipTo(now);
      for (; event < input.length && first + input.step[event]! === now; event++) {
        this.#nodes[input.node[event]!]!.arrivals[0]!.add(input.index[event]!, input.value[event]!);
      }
      this.#assembly.visit(now);
      record(this.#outputs, now - first, output);
      if (raster !== undefined) record(this.#spiking, now - first, raster);
      for (const site of this.#learningSites) this.#learn(site, now);
      this.done = now + 1;
    }
    this.#skipTo(end);
    this.#stepCount.pass(steps);
    for (const { learner, behind } of this.#learningSites) {
      if (behind !== undefined && learner.needsMembraneToTeach) learner.look(membraneOf(behind, end - 1));
    }
    this.learners.endWindow();
  }

  protected stateAt(index: number, variable: string): Float64Array | undefined {
    const node = this.#nodes[index]!;
    if (!node.variables.includes(variable)) return undefined;
    const values = new Float64Array(node.emission.index.length);
    node.readState(variable, this.done - 1, values);
    return values;
  }

  protected variablesAt(index: number): readonly string[] {
    return this.#nodes[index]!.variables;
  }

  protected weightsAt(index: number): Float64Array | undefined {
    const { name, kind, node, inputShape } = this.graph.nodes[index]!;
    const base = kind.role === 'connection' ? kind.connect(node, inputShape).weights : undefined;
    const learner = this.learners.find(name);
    return base && Float64Array.from(base, (weight, k) => learner?.weights.read(k) ?? weight);
  }

  protected resetNodes(): void {
    this.#assembly.reset(this.done - 1);
  }

  protected keptOfNodes(): KeptState {
    return this.#assembly.saved;
  }

  protected override nodesRestored(): void {
    this.#assembly.restored(this.done - 1);
  }

  get #nodes(): readonly EventNode[] {
    return this.#assembly.nodes;
  }

  #recordings(which: (node: ResolvedNode) => boolean): Recording[] {
    return this.graph.nodes.flatMap((node, index) =>
      which(node) ? [{ index, emission: this.#nodes[index]!.emission }] : [],
    );
  }

  #learningSite(connection: LearnedConnection, history: number): LearningSite {
    const node = this.#nodes[connection.index] as ConnectionNode;
    const weights = node.learnable();
    const learner = new Learner({ connection, weights, dt: this.model.semantics.dt, history });
    const post = connection.post === undefined ? sparseActivity(0) : this.#nodes[connection.post]!.emission;
    const target = connection.target && this.#nodes[connection.target.index];
    const behind =
      target !== undefined && learner.needsMembrane
        ? { population: target, membrane: new Float64Array(target.emission.index.length) }
        : undefined;
    const isRead = learner.competes || !learner.needsMembraneToTeach;
    const readMembrane = behind && isRead ? () => membraneOf(behind, this.done) : undefined;
    return { learner, connection: node, post, behind, readMembrane };
  }

  /** Lets the silent steps before `step` pass. */
  #skipTo(step: number): void {
    const silent = step - this.done;
    if (silent === 0) return;
    for (const { learner } of this.#learningSites) learner.skip(this.done, silent);
    this.done = step;
  }

  #learn({ learner, connection, post, readMembrane }: LearningSite, now: number): void {
    learner.step(now, connection.arrivedAt(now), post, this.learning, readMembrane);
  }
}

/** The state of the population behind at the end of step `now`. */
function membraneOf({ population, membrane }: NonNullable<LearningSite['behind']>, now: number): Float64Array {
  population.readState('v', now, membrane);
  return membrane;
}

function record(recordings: readonly Recording[], step: number, buffer: EventBuffer): void {
  for (const { index, emission } of recordings) {
    for (let k = 0; k < emission.length; k++) buffer.push(step, index, emission.index[k]!, emission.value[k]!);
  }
}
