import {
  type Connectivity,
  elementCount,
  type KeptState,
  kept,
  type Model,
  prefixed,
  type ResolvedNode,
  real,
  type Wiring,
} from '@spikewire/models';
import { checkInput } from '../check-input.ts';
import { DelayLine } from '../delay-line.ts';
import type { LoadOptions, NetworkCounters } from '../engine.ts';
import type { EventBuffer } from '../event-buffer.ts';
import { type LearnedConnection, learnedConnections } from '../learn/learned-connections.ts';
import { HISTORY, Learner, type ReadMembrane } from '../learn/learner.ts';
import { NetworkLearning } from '../learn/network-learning.ts';
import { collectActive, type SparseActivity, sparseActivity } from '../learn/sparse-activity.ts';
import type { LearnedWeights } from '../learn/weights/weights.ts';
import { NetworkShell } from '../network-shell.ts';
import { retainedBytes } from '../retained-bytes.ts';
import type { WorkingNode } from './node.ts';

/** In what numbers the nodes of a net compute: all in which the readable engines differ. */
export interface Arithmetic {
  /** Name of the engine. */
  readonly engine: string;
  readonly counters: NetworkCounters;
  /** What it keeps besides the nodes. */
  readonly retained?: readonly object[];
  /** `connectivity` is that of a connection node. */
  createNode(resolved: ResolvedNode, index: number, connectivity: Connectivity | undefined): WorkingNode;
  /** The weights of a connection that learns; called after all nodes were created. */
  learnedWeights(connection: LearnedConnection): LearnedWeights;
  /** The real value of 1 as emitted by the node at `index`. */
  unitOf(index: number): number;
  /** A state variable of a node in real units, a copy; undefined where it has none of that name. */
  readState(index: number, variable: string): Float64Array | undefined;
  /** Weights in real units, a copy; undefined where the node has none. */
  readWeights(index: number): Float64Array | undefined;
}

/** What the engine keeps of a node in the order of a step. */
interface Site {
  readonly resolved: ResolvedNode;
  readonly working: WorkingNode;
  /** What arrives, by port; summed anew in every step. */
  readonly arriving: readonly Float64Array[];
  readonly incoming: readonly Incoming[];
  readonly line: DelayLine;
}

interface Incoming {
  readonly from: number;
  readonly delay: number;
  readonly port: number;
  /** 1, or into an Output the real value of a unit. */
  readonly unit: number;
}

/** A learner and where it finds the activity on both sides. */
interface LearningSite {
  readonly learner: Learner;
  readonly pre: number;
  /** Real value of 1 as it arrives. */
  readonly unit: number;
  readonly post: number | undefined;
  /** Of the neuron node behind, whether it spikes or not. */
  readonly readMembrane: ReadMembrane | undefined;
  readonly preActivity: SparseActivity;
  readonly postActivity: SparseActivity;
}

/**
 * A net in which every node is visited in every step, in one order, and edges hand on whole vectors: slow and readable.
 */
export class StepwiseNetwork extends NetworkShell {
  #bytes: number | undefined;
  readonly #form: Arithmetic;
  readonly #sites: readonly Site[];
  readonly #learningSites: readonly LearningSite[];
  protected readonly learners: NetworkLearning;

  constructor(model: Model, wiring: Wiring, form: Arithmetic, { history = HISTORY }: LoadOptions) {
    const { graph, connectivity } = wiring;
    super(form.engine, model, graph, form.counters);
    this.#form = form;
    this.#sites = graph.nodes.map((resolved, index) =>
      this.#createSite(wiring, index, form.createNode(resolved, index, connectivity[index])),
    );
    this.#learningSites = learnedConnections(model, graph).map((connection) => {
      const { inputs, outputs } = connection.connectivity;
      const weights = form.learnedWeights(connection);
      return {
        learner: new Learner({ connection, weights, dt: model.semantics.dt, history }),
        pre: connection.index,
        unit: form.unitOf(wiring.incoming[connection.index]![0]!.source),
        post: connection.post,
        readMembrane: connection.target && (() => form.readState(connection.target!.index, 'v')!),
        preActivity: sparseActivity(inputs),
        postActivity: sparseActivity(outputs),
      };
    });
    this.learners = new NetworkLearning(this.#learningSites.map(({ learner }) => learner));
  }

  get bytes(): number {
    this.#bytes ??= this.#countBytes();
    return this.#bytes;
  }

  run(steps: number, input: EventBuffer, output: EventBuffer, raster?: EventBuffer): void {
    checkInput(this.graph, steps, input);
    for (let step = 0, event = 0; step < steps; step++) {
      for (const { arriving } of this.#sites) for (const values of arriving) values.fill(0);
      for (; event < input.length && input.step[event] === step; event++) {
        this.#sites[input.node[event]!]!.arriving[0]![input.index[event]!]! += input.value[event]!;
      }
      for (const site of this.#sites) this.#visit(site);
      this.#record(step, output, raster);
      for (const site of this.#learningSites) this.#learn(site);
      this.done++;
    }
    this.learners.endWindow();
  }

  protected stateAt(index: number, variable: string): Float64Array | undefined {
    return this.#form.readState(index, variable);
  }

  protected variablesAt(index: number): string[] {
    return Object.keys(this.#sites[index]!.working.state);
  }

  protected weightsAt(index: number): Float64Array | undefined {
    return this.#form.readWeights(index);
  }

  protected resetNodes(): void {
    for (const { working, line } of this.#sites) {
      working.reset();
      line.reset();
    }
  }

  protected keptOfNodes(): KeptState {
    const states = this.#sites.map(({ working, line }, index) =>
      prefixed(`node${index}`, { emitted: kept(line.values, real()), ...working.kept }),
    );
    return Object.assign({}, ...states);
  }

  /** Sums what the edges bring, then lets the node act. */
  #visit({ working, arriving, incoming, line }: Site): void {
    for (const { from, delay, port, unit } of incoming) {
      const brought = this.#sites[from]!.line.at(this.done - delay);
      const sum = arriving[port]!;
      for (let i = 0; i < sum.length; i++) sum[i]! += brought[i]! * unit;
    }
    working.visit(arriving, line.at(this.done));
  }

  #record(step: number, output: EventBuffer, raster: EventBuffer | undefined): void {
    this.#sites.forEach(({ resolved: { kind }, line }, node) => {
      const spikes = kind.role === 'neuron' && kind.emits === 'spikes';
      const buffer = kind.role === 'output' ? output : spikes ? raster : undefined;
      if (buffer === undefined) return;
      line.at(this.done).forEach((value, index) => {
        if (value !== 0) buffer.push(step, node, index, value);
      });
    });
  }

  #learn({ learner, pre, unit, post, readMembrane, preActivity, postActivity }: LearningSite): void {
    collectActive(this.#sites[pre]!.arriving[0]!, preActivity);
    if (unit !== 1) for (let k = 0; k < preActivity.length; k++) preActivity.value[k]! *= unit;
    if (post !== undefined && learner.needsPost) collectActive(this.#sites[post]!.line.at(this.done), postActivity);
    learner.step(this.done, preActivity, postActivity, this.learning, readMembrane);
  }

  #createSite({ graph, incoming, outgoing }: Wiring, index: number, working: WorkingNode): Site {
    const resolved = graph.nodes[index]!;
    const { kind, inputShape, shape } = resolved;
    const ports = kind.role === 'neuron' ? Math.max(1, kind.ports?.length ?? 0) : 1;
    const delays = outgoing[index]!.map(({ delay }) => delay);
    return {
      resolved,
      working,
      arriving: Array.from({ length: ports }, () => new Float64Array(elementCount(inputShape))),
      incoming: incoming[index]!.map(({ source, delay, port }) => {
        return { from: source, delay, port, unit: kind.role === 'output' ? this.#form.unitOf(source) : 1 };
      }),
      line: new DelayLine(elementCount(shape), Math.max(0, ...delays)),
    };
  }

  #countBytes(): number {
    const sites = this.#sites.map(({ working, arriving, line }) => [working.retained, arriving, line.values]);
    const activities = this.#learningSites.map(({ preActivity, postActivity }) => [preActivity, postActivity]);
    const parts = [this.graph, this.#form.retained, sites, activities, this.learners.retained];
    return retainedBytes(parts, [this.model]) + this.learners.bytes;
  }
}
