import type { Model } from '@spikewire/models';
import { SpikewireError } from '@spikewire/models/error';
import type { Engine, EngineChoice, RunningNetwork } from '../engine/engine.ts';
import { EventBuffer } from '../engine/event-buffer.ts';
import { FiniteWatch } from '../engine/non-finite.ts';
import type { Executor, WindowRequest, WindowResult } from './executor.ts';

/** Spikes kept of one window for somebody who looks; more are counted as dropped. */
const RASTER_CAPACITY = 16_384;

/** Runs a net in the calling thread. What the worker thread uses inside, and what small tools use directly. */
export class InProcessExecutor implements Executor {
  readonly name: string;
  readonly network: RunningNetwork;
  readonly #outputElements: number;
  #output = new EventBuffer(0);
  #raster = new EventBuffer(0);
  readonly #watch = new FiniteWatch();
  #closed = false;

  constructor(engine: Engine, model: Model, { seed }: { readonly seed?: number | undefined } = {}) {
    this.name = engine.name;
    this.network = engine.load(model, seed === undefined ? {} : { seed });
    this.#outputElements = outputElements(this.network);
  }

  get bytes(): number {
    return this.network.bytes;
  }

  get choice(): EngineChoice {
    return this.network.choice ?? { engine: this.name, because: null };
  }

  async run(request: WindowRequest): Promise<WindowResult> {
    return this.runNow(request);
  }

  /** The same as `run`, for callers that need no promise. */
  runNow({ steps, input, teach = [], fresh = false, membranes = [], raster = false }: WindowRequest): WindowResult {
    this.#expectOpen();
    const network = this.network;
    const before = network.choice;
    const taught = teach.map(({ connection, signal, step }) => network.teach(connection, signal, step));
    if (fresh) network.resetActivity();
    this.#prepareBuffers(steps, raster);
    // A lesson alone is no window: the net must not remember its last activity a second time.
    if (steps > 0) network.run(steps, EventBuffer.of(input), this.#output, raster ? this.#raster : undefined);
    return {
      output: this.#output.toList(),
      membranes: Object.fromEntries(membranes.map((node) => [node, network.readState(node, 'v')])),
      raster: raster ? this.#raster.toList() : undefined,
      dropped: this.#output.dropped + (raster ? this.#raster.dropped : 0),
      step: network.step,
      counters: { ...network.counters },
      taught,
      nonFinite: this.#watch.look(network),
      chosen: network.choice === before ? undefined : { choice: this.choice, bytes: this.bytes },
    };
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

  async restore(state: Uint8Array): Promise<void> {
    this.#expectOpen();
    this.network.restore(state);
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
