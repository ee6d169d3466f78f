import { elementCount, type LearnedState, type Model, type ResolvedGraph, type ResolvedNode } from '@spikewire/models';
import { clockedEngine } from '../clocked/engine/clocked.ts';
import type {
  Engine,
  EngineChoice,
  LearnedOnly,
  LoadOptions,
  NetworkCounters,
  RunningNetwork,
  TeachingOutcome,
} from '../engine.ts';
import { eventEngine } from '../event/event.ts';
import { hasClosedForm } from '../event/nodes.ts';
import { passesAtOnce } from '../event/populations/adaptive-population.ts';
import { EventBuffer } from '../event-buffer.ts';
import { ruleOfEveryStep } from '../learn/rule-at-work.ts';
import type { LearnedReport } from '../learn/weights/take-over.ts';
import { engineOfState, goOn } from '../state-file.ts';

/** Steps that both engines run before one of them is chosen. */
const MEASURED_STEPS = 200;

/**
 * Nanoseconds of the two engines, as `npm run bench -- engine-event` measures them: only their proportions matter.
 * Fixed numbers and not a stop-watch, so that the choice depends on the model and its input, and not on what else the
 * machine does.
 */
const COSTS = {
  clockedPerNeuron: 3,
  clockedPerSynapse: 1.5,
  eventPerSynapse: 25,
  eventPerSynapseOfLearningNet: 50,
  eventPerSpike: 200,
} as const;

/** The choice as long as it is not made. */
const MEASURING: EngineChoice = { engine: 'auto', because: 'measuring' };

/**
 * Chooses the engine by measured activity. A float model runs its first steps on the clocked and on the event-driven
 * engine at once, with the clocked one's results; then the one stays that costs less at the activity of these steps,
 * and as both are at the same step with the same spikes, nothing is converted. The event-driven engine stays only if it
 * gave the same number of spikes.
 *
 * Integer models run on the clocked engine, bit for bit as the integer form says: its rounding in every step has no
 * closed form. So do nets with a rule that learns in every step. Other rules learn the same from the same spikes on
 * both engines, each in its own number format.
 *
 * A saved state belongs to the engine that ran; it is restored into that one, and the choice is then made.
 */
export const automaticEngine: Engine = {
  name: 'auto',
  doc: 'counts spikes for the first 200 steps, then chooses clocked or event; best for most models',
  load(model, options = {}) {
    const clocked = clockedEngine.load(model, options);
    const because = reasonForClocked(model, clocked.graph);
    return because === undefined
      ? new AutomaticNetwork(model, options, clocked, MEASURING, eventEngine.load(model, options))
      : new AutomaticNetwork(model, options, clocked, { engine: clockedEngine.name, because });
  },
};

/** Why a model is for the clocked engine whatever its activity; undefined where that has to be seen. */
function reasonForClocked(model: Model, graph: ResolvedGraph): string | undefined {
  if (model.quantization !== undefined) return 'whole numbers';
  const everyStep = ruleOfEveryStep(model, graph);
  if (everyStep !== undefined) return `${everyStep} learns in every step`;
  if (neuronsOf(graph) === 0) return 'no neurons';
  const busy = graph.nodes.find((node) => !isLazy(node));
  return busy && `no closed form for ${busy.kind.type}`;
}

class AutomaticNetwork implements RunningNetwork {
  readonly model: Model;
  readonly graph: ResolvedGraph;
  readonly #options: LoadOptions;
  readonly #neurons: number;
  readonly #ignored = new EventBuffer(0);
  /** Whether the model may run on either engine. */
  readonly #hasChoice: boolean;
  #running: RunningNetwork;
  /** The engine of what runs. */
  #name = clockedEngine.name;
  #choice: EngineChoice;
  /** Runs beside the other until the choice is made. */
  #candidate: RunningNetwork | undefined;

  constructor(
    model: Model,
    options: LoadOptions,
    running: RunningNetwork,
    choice: EngineChoice,
    candidate?: RunningNetwork,
  ) {
    this.model = model;
    this.graph = running.graph;
    this.#options = options;
    this.#neurons = neuronsOf(running.graph);
    this.#running = running;
    this.#choice = choice;
    this.#hasChoice = candidate !== undefined;
    this.#candidate = candidate;
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

  get choice(): EngineChoice {
    return this.#choice;
  }

  get candidates(): NonNullable<RunningNetwork['candidates']> {
    const running = { engine: this.#name, network: this.#running };
    return this.#candidate === undefined
      ? [running]
      : [running, { engine: eventEngine.name, network: this.#candidate }];
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
    this.#candidate?.teach(connection, signal, step);
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
    this.#candidate?.resetLearning();
  }

  saveLearned(): LearnedState {
    return this.#running.saveLearned();
  }

  restoreLearned(learned: LearnedState): readonly LearnedReport[] {
    this.#candidate?.restoreLearned(learned);
    return this.#running.restoreLearned(learned);
  }

  save(): Uint8Array {
    return this.#running.save();
  }

  restore(bytes: Uint8Array): void {
    if (!this.#hasChoice) {
      this.#running.restore(bytes);
      return;
    }
    this.#running = this.#restored(bytes);
    this.#choice = { engine: this.#name, because: 'as its saved state' };
    this.#candidate = undefined;
  }

  goOn(bytes: Uint8Array): LearnedOnly | undefined {
    return goOn(this, bytes);
  }

  #choose(candidate: RunningNetwork): void {
    const { spikes, synapticOperations } = candidate.counters;
    const neuronSteps = candidate.step * this.#neurons;
    const clocked = neuronSteps * COSTS.clockedPerNeuron + synapticOperations * COSTS.clockedPerSynapse;
    const perSynapse = this.model.learning.size > 0 ? COSTS.eventPerSynapseOfLearningNet : COSTS.eventPerSynapse;
    const event = synapticOperations * perSynapse + spikes * COSTS.eventPerSpike;
    const agrees = spikes === this.#running.counters.spikes;
    const active = `${short((100 * spikes) / Math.max(1, neuronSteps))} % active`;
    if (event < clocked && agrees) {
      // Whoever watches the counts sees one net, whose counts go on.
      Object.assign(candidate.counters, this.#running.counters);
      this.#running = candidate;
      this.#name = eventEngine.name;
      const because =
        event === 0 ? 'nothing happens' : `${active}, about ${short(clocked / event)}x as fast as clocked`;
      this.#choice = { engine: this.#name, because };
    } else {
      const because = agrees
        ? `${active}, the engine event would take about ${short(event / clocked)}x as long`
        : 'event gave other spikes';
      this.#choice = { engine: this.#name, because };
    }
    this.#candidate = undefined;
  }

  /** The net of the engine to which a state belongs; a state of any other is refused by the one that runs. */
  #restored(bytes: Uint8Array): RunningNetwork {
    const running = this.#running;
    const name = engineOfState(bytes);
    const engine = [clockedEngine, eventEngine].find((candidate) => candidate.name === name);
    if (engine === undefined || name === this.#name) {
      running.restore(bytes);
      return running;
    }
    const other = engine.load(this.model, this.#options);
    other.restore(bytes);
    other.learning = running.learning;
    this.#name = engine.name;
    return other;
  }
}

/** Whether a node costs nothing while nothing arrives; a read-out, once it has faded. */
function isLazy({ kind, node, shape, semantics }: ResolvedNode): boolean {
  if (kind.role !== 'neuron') return true;
  const adaptive = kind.adaptive?.(node, elementCount(shape), semantics);
  if (adaptive !== undefined) return passesAtOnce(adaptive);
  const dynamics = kind.linear?.(node, elementCount(shape), semantics);
  return dynamics !== undefined && (kind.emits === 'state' || hasClosedForm(dynamics));
}

function neuronsOf({ nodes }: ResolvedGraph): number {
  return nodes.reduce((sum, { kind, shape }) => (kind.role === 'neuron' ? sum + elementCount(shape) : sum), 0);
}

function short(value: number): string {
  return String(Number(value.toPrecision(2)));
}
