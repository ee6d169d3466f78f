import type { Model, ResolvedGraph } from '@spikewire/models';
import { SpikewireError } from '@spikewire/models/error';
import type { Engine, EngineChoice, LearnedOnly, RunningNetwork } from '../engine.ts';
import { between, EVENT_BYTES, EventBuffer, type EventList } from '../event-buffer.ts';
import { nextTurn } from '../next-turn.ts';
import { FiniteWatch } from '../non-finite.ts';
import type { Executor, WindowRequest, WindowResult } from './executor.ts';

/** Spikes kept of one window for somebody who looks; more are counted as dropped. */
const RASTER_CAPACITY = 16_384;

/**
 * Neurons and synapses times steps in one turn: tenths of a second on a small machine, and more than most windows have.
 */
const WORK_PER_TURN = 20_000_000;
/** How long a window may go on when the process is asked to end, so that what was learned can be saved. */
const GRACE_MS = 2000;

export interface InProcessOptions {
  readonly seed?: number | undefined;
  /** Ends a window that is not done soon after. */
  readonly signal?: AbortSignal | undefined;
  /** The model's graph, where it is resolved already. */
  readonly graph?: ResolvedGraph | undefined;
  /** Most neurons and synapses times steps in one turn. */
  readonly workPerTurn?: number | undefined;
}

/** Runs a net in the calling thread. What the worker thread uses inside, and what small tools use directly. */
export class InProcessExecutor implements Executor {
  readonly name: string;
  readonly network: RunningNetwork;
  readonly #outputElements: number;
  #output = new EventBuffer(0);
  #raster = new EventBuffer(0);
  readonly #watch = new FiniteWatch();
  readonly #signal: AbortSignal | undefined;
  readonly #stepsPerTurn: number;
  #closed = false;

  constructor(engine: Engine, model: Model, options: InProcessOptions = {}) {
    const { seed, signal, graph, workPerTurn = WORK_PER_TURN } = options;
    this.name = engine.name;
    this.network = engine.load(model, { ...(seed !== undefined && { seed }), ...(graph && { graph }) });
    this.#signal = signal;
    // Four bytes stand for a neuron or a synapse: counting them needs what reads models, a megabyte that a thread may
    // do without.
    this.#stepsPerTurn = Math.max(1, Math.floor(workPerTurn / (1 + this.network.bytes / 4)));
    this.#outputElements = outputElements(this.network);
  }

  /** Of the net, and of the events of a window of its samples. */
  get bytes(): number {
    const { steps, rest = 0 } = this.network.model.sample;
    const ofSample = EVENT_BYTES * (steps + rest) * this.#outputElements;
    return this.network.bytes + Math.max(ofSample, this.#output.bytes) + this.#raster.bytes;
  }

  get choice(): EngineChoice {
    return this.network.choice ?? { engine: this.name, because: null };
  }

  /**
   * A window of much work is run in turns, between which other things happen, such as a signal to end it. The activity
   * at the end of each turn counts as that of a window for lessons that come late.
   */
  async run(request: WindowRequest): Promise<WindowResult> {
    if (request.steps <= this.#stepsPerTurn) return this.runNow(request);
    const release = this.#holdWeights(request);
    try {
      return await this.#runInTurns(request);
    } finally {
      release();
    }
  }

  async #runInTurns(request: WindowRequest): Promise<WindowResult> {
    const { steps, input } = request;
    const turn = this.#stepsPerTurn;
    const finish = this.#begin(request);
    let asked: number | undefined;
    for (let first = 0; first < steps; first += turn) {
      if (first > 0) await nextTurn();
      this.#expectOpen();
      if (this.#signal?.aborted) asked ??= performance.now();
      if (asked !== undefined && performance.now() - asked >= GRACE_MS) {
        const problem = `was stopped after ${first} of ${steps} steps`;
        throw new SpikewireError('unsupported', 'window', problem, 'its end');
      }
      this.#runPart(first, Math.min(turn, steps - first), input, request.raster);
    }
    return finish();
  }

  /** The same as `run` in one turn, for callers that need no promise. */
  runNow(request: WindowRequest): WindowResult {
    const release = this.#holdWeights(request);
    try {
      const finish = this.#begin(request);
      // A lesson alone is no window: the net must not remember its last activity a second time.
      if (request.steps > 0) this.#runPart(0, request.steps, request.input, request.raster);
      return finish();
    } finally {
      release();
    }
  }

  /** What it returns is called after the window, however that ends. */
  #holdWeights({ hold = false }: WindowRequest): () => void {
    const { network } = this;
    const { learning } = network;
    if (!hold) return () => {};
    network.learning = false;
    return () => {
      network.learning = learning;
    };
  }

  /** Does what comes before a window; what it returns is called after it. */
  #begin(request: WindowRequest): () => WindowResult {
    const { steps, teach = [], fresh = false, membranes = [], raster = false } = request;
    this.#expectOpen();
    const network = this.network;
    const before = network.choice;
    const taught = teach.map(({ connection, signal, step }) => network.teach(connection, signal, step));
    if (fresh) network.resetActivity();
    this.#prepareBuffers(steps, raster);
    return () => ({
      output: this.#output.toList(),
      membranes: Object.fromEntries(membranes.map((node) => [node, network.readState(node, 'v')])),
      raster: raster ? this.#raster.toList() : undefined,
      dropped: this.#output.dropped + (raster ? this.#raster.dropped : 0),
      step: network.step,
      counters: { ...network.counters },
      taught,
      nonFinite: this.#watch.look(network),
      chosen: network.choice === before ? undefined : { choice: this.choice, bytes: this.bytes },
    });
  }

  #runPart(first: number, steps: number, input: EventList, raster = false): void {
    const whole = first === 0 && (input.step.length === 0 || input.step.at(-1)! < steps);
    const part = whole ? input : between(input, first, first + steps);
    const buffers = raster ? [this.#output, this.#raster] : [this.#output];
    const lengths = buffers.map(({ length }) => length);
    this.network.run(steps, EventBuffer.of(part), this.#output, raster ? this.#raster : undefined);
    if (first === 0) return;
    for (const [k, { step, length }] of buffers.entries()) {
      for (let event = lengths[k]!; event < length; event++) step[event]! += first;
    }
  }

  #prepareBuffers(steps: number, raster: boolean): void {
    const needed = steps * this.#outputElements;
    if (this.#output.capacity < needed) this.#output = new EventBuffer(needed);
    if (raster && this.#raster.capacity === 0) this.#raster = new EventBuffer(RASTER_CAPACITY);
    this.#output.clear();
    this.#raster.clear();
  }

  async setLearning(on: boolean): Promise<void> {
    this.#expectOpen();
    this.network.learning = on;
  }

  async resetLearning(): Promise<void> {
    this.#expectOpen();
    this.network.resetLearning();
  }

  async save(): Promise<Uint8Array> {
    this.#expectOpen();
    return this.network.save();
  }

  async restore(state: Uint8Array): Promise<LearnedOnly | undefined> {
    this.#expectOpen();
    return this.network.goOn(state);
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #expectOpen(): void {
    if (this.#closed) throw new SpikewireError('unsupported', 'net', 'is closed', 'an open one');
  }
}

function outputElements(network: RunningNetwork): number {
  return network.graph.nodes
    .filter(({ kind }) => kind.role === 'output')
    .reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
}
