import { elementCount, type Model, type ResolvedGraph, type ResolvedNode, SpikewireError } from '@spikewire/models';
import { clockedEngine } from './clocked/clocked.ts';
import type { Engine, LoadOptions, NetworkCounters, RunningNetwork, TeachingOutcome } from './engine.ts';
import { eventEngine } from './event/event.ts';
import { EventBuffer } from './event-buffer.ts';

/** Steps that both engines run before one of them is chosen. */
const MEASURED_STEPS = 200;

/**
 * Nanoseconds of the two engines, as `npm run bench -- engine-event` measures them: only their proportions matter. Fixed numbers and not
 * a stop-watch, so that the choice depends on the model and its input, and not on what else the machine does.
 */
const COSTS = { clockedPerNeuron: 3, clockedPerSynapse: 1.5, eventPerSynapse: 25, eventPerSpike: 200 } as const;

/**
 * Chooses the engine by measured activity. A float model without learning runs its first steps on the clocked and on the event-driven
 * engine at once, with the clocked one's results; then the one stays that costs less at the activity of these steps, and as both are at
 * the same step with the same spikes, nothing is converted. The event-driven engine stays only if it gave the same number of spikes.
 *
 * Integer models run on the clocked engine, bit for bit as the integer form says: its rounding in every step has no closed form. So do
 * nets that learn, whose traces go on in every step.
 *
 * A saved state belongs to the engine that ran; it is restored into that one, and the choice is then made.
 */
export const automaticEngine: Engine = {
  name: 'auto',
  load(model, options = {}) {
    const clocked = clockedEngine.load(model, options);
    if (model.quantization !== undefined || model.learning.size > 0 || !clocked.graph.nodes.every(isLazy))
      return clocked;
    return new AutomaticNetwork(model, options, clocked);
  },
};

class AutomaticNetwork implements RunningNetwork {
  readonly model: Model;
  readonly graph: ResolvedGraph;
  readonly #options: LoadOptions;
  readonly #neurons: number;
  readonly #ignored = new EventBuffer(0);
  #running: RunningNetwork;
  /** Runs beside the other until the choice is made. */
  #candidate: RunningNetwork | undefined;

  constructor(model: Model, options: LoadOptions, clocked: RunningNetwork) {
    this.model = model;
    this.graph = clocked.graph;
    this.#options = options;
    this.#neurons = neuronsOf(clocked.graph);
    this.#running = clocked;
    this.#candidate = eventEngine.load(model, options);
  }

  get step(): number {
    return this.#running.step;
  }

  get counters(): Readonly<NetworkCounters> {
    return this.#running.counters;
  }

  get bytes(): number {
    return this.#running.bytes + (this.#candidate?.bytes ?? 0);
  }

  get learning(): boolean {
    return this.#running.learning;
  }

  set learning(on: boolean) {
    this.#running.learning = on;
    if (this.#candidate !== undefined) this.#candidate.learning = on;
  }

  run(steps: number, input: EventBuffer, output: EventBuffer, raster?: EventBuffer): void {
    this.#running.run(steps, input, output, raster);
    this.#candidate?.run(steps, input, this.#ignored);
    if (this.#candidate !== undefined && this.step >= MEASURED_STEPS) this.#choose(this.#candidate);
  }

  teach(connection: string, signal: ArrayLike<number>, step?: number): TeachingOutcome {
    return this.#running.teach(connection, signal, step);
  }

  readState(node: string, variable: string): Float64Array {
    return this.#running.readState(node, variable);
  }

  readWeights(connection: string): Float64Array {
    return this.#running.readWeights(connection);
  }

  resetActivity(): void {
    this.#running.resetActivity();
    this.#candidate?.resetActivity();
  }

  resetLearning(): void {
    this.#running.resetLearning();
  }

  save(): Uint8Array {
    return this.#running.save();
  }

  restore(bytes: Uint8Array): void {
    this.#running = this.#restored(bytes);
    this.#candidate = undefined;
  }

  #choose(candidate: RunningNetwork): void {
    const { spikes, synapticOperations } = candidate.counters;
    const steps = candidate.step;
    const clocked = steps * this.#neurons * COSTS.clockedPerNeuron + synapticOperations * COSTS.clockedPerSynapse;
    const event = synapticOperations * COSTS.eventPerSynapse + spikes * COSTS.eventPerSpike;
    if (event < clocked && spikes === this.#running.counters.spikes) {
      // Whoever watches the counts sees one net, whose counts go on.
      Object.assign(candidate.counters, this.#running.counters);
      this.#running = candidate;
    }
    this.#candidate = undefined;
  }

  /** The net of the engine to which a state belongs; where it belongs to neither, the error of the one that runs. */
  #restored(bytes: Uint8Array): RunningNetwork {
    const running = this.#running;
    try {
      running.restore(bytes);
      return running;
    } catch (error) {
      if (!(error instanceof SpikewireError) || error.code !== 'store') throw error;
      for (const engine of [clockedEngine, eventEngine]) {
        const other = engine.load(this.model, this.#options);
        try {
          other.restore(bytes);
          other.learning = running.learning;
          return other;
        } catch {}
      }
      throw error;
    }
  }
}

/** Whether a node costs nothing while nothing arrives. */
function isLazy({ kind }: ResolvedNode): boolean {
  return kind.role !== 'neuron' || kind.linear !== undefined;
}

function neuronsOf({ nodes }: ResolvedGraph): number {
  return nodes.reduce((sum, { kind, shape }) => (kind.role === 'neuron' ? sum + elementCount(shape) : sum), 0);
}
