import {
  type KeptState,
  type LearnedState,
  type Model,
  modelDigest,
  type ResolvedGraph,
  SpikewireError,
} from '@spikewire/models';
import type { LearnedOnly, NetworkCounters, RunningNetwork, TeachingOutcome } from './engine.ts';
import type { EventBuffer } from './event-buffer.ts';
import type { NetworkLearning } from './learn/network-learning.ts';
import type { LearnedReport } from './learn/weights/take-over.ts';
import { indexOfNode, refuseState } from './model-graph.ts';
import { goOn, restoreState, writeState } from './state-file.ts';

/** What the nets of all engines do alike: names of nodes, the count of steps, lessons, saved states. */
export abstract class NetworkShell implements RunningNetwork {
  readonly model: Model;
  readonly graph: ResolvedGraph;
  readonly counters: NetworkCounters;
  abstract readonly bytes: number;
  learning = true;
  /** Steps done. */
  protected done = 0;
  protected abstract readonly learners: NetworkLearning;
  readonly #engine: string;
  #digest: string | undefined;

  /** `engine` is the name that its saved states bear. */
  constructor(engine: string, model: Model, graph: ResolvedGraph, counters: NetworkCounters) {
    this.#engine = engine;
    this.model = model;
    this.graph = graph;
    this.counters = counters;
  }

  abstract run(steps: number, input: EventBuffer, output: EventBuffer, raster?: EventBuffer): void;

  /** A state variable of the node at `index` in real units, a copy; undefined where it has none of that name. */
  protected abstract stateAt(index: number, variable: string): Float64Array | undefined;
  /** The state variables that the node at `index` has. */
  protected abstract variablesAt(index: number): readonly string[];
  /** Weights in real units, a copy; undefined where the node has none. */
  protected abstract weightsAt(index: number): Float64Array | undefined;
  /** Membranes and delays as at the start. */
  protected abstract resetNodes(): void;
  /** Everything that changes in nodes and edges, by name. */
  protected abstract keptOfNodes(): KeptState;
  /** To be done after these were overwritten. */
  protected nodesRestored(): void {}

  get step(): number {
    return this.done;
  }

  teach(connection: string, signal: ArrayLike<number>, step = this.done - 1): TeachingOutcome {
    if (!this.learning) return 'frozen';
    return this.learners.teach(connection, signal, step, this.counters);
  }

  readState(node: string, variable: string): Float64Array {
    const index = indexOfNode(this.graph, node);
    return this.stateAt(index, variable) ?? refuseState(node, variable, this.variablesAt(index));
  }

  readWeights(connection: string): Float64Array {
    const weights = this.weightsAt(indexOfNode(this.graph, connection));
    if (weights !== undefined && weights.length > 0) return weights;
    throw new SpikewireError('input', `node "${connection}"`, 'has no weights', 'a connection node with weights');
  }

  resetActivity(): void {
    this.resetNodes();
    this.learners.resetActivity();
  }

  resetLearning(): void {
    this.learners.resetLearning();
  }

  saveLearned(): LearnedState {
    return this.learners.save();
  }

  restoreLearned(learned: LearnedState): readonly LearnedReport[] {
    return this.learners.takeOver(learned);
  }

  save(): Uint8Array {
    return writeState({ ...this.#saved(), step: this.done });
  }

  restore(bytes: Uint8Array): void {
    this.done = restoreState(bytes, this.#saved());
    this.nodesRestored();
    this.learners.restored();
  }

  goOn(bytes: Uint8Array): LearnedOnly | undefined {
    return goOn(this, bytes);
  }

  #saved() {
    this.#digest ??= modelDigest(this.model);
    const state = { ...this.learners.state, ...this.keptOfNodes() };
    return { engine: this.#engine, model: this.#digest, counters: this.counters, state, learning: this.learners };
  }
}
