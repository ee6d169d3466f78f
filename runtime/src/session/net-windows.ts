import type { Executor, Teaching, WindowRequest, WindowResult } from '@spikewire/engine/executor';
import type { NetworkCounters, NonFinite } from '@spikewire/engine/network';
import { type KeptNumbers, kept, type Model, real, SpikewireError, windowSteps } from '@spikewire/models';
import type { GradedWork } from './graded-work.ts';

/** Membranes held at an end of their format, and input values cut to theirs: only integer nets have any. */
export interface Overflow extends Pick<NetworkCounters, 'saturatedHigh' | 'saturatedLow' | 'clippedInputs'> {
  /** Membranes that left all bounds, when that was last looked at; of any net. */
  readonly nonFinite: number;
}

/** Of a window, beside its input: what is taught before it, whether weights stay, and what is wanted of it. */
type WindowSettings = Required<Pick<WindowRequest, 'teach' | 'hold' | 'membranes' | 'raster'>>;

/**
 * The windows of one net on its executor, and what they did. When the executor fails, the net is of no use any more:
 * all that is asked of it later is refused with the same failure.
 */
export class NetWindows {
  readonly #model: Model;
  readonly #executor: Executor;
  readonly #dt: number;
  readonly #graded: GradedWork | undefined;
  #failure: SpikewireError | undefined;
  #overflow: Overflow = { saturatedHigh: 0, saturatedLow: 0, clippedInputs: 0, nonFinite: 0 };
  #nonFinite: NonFinite | undefined;
  /** [spikes, synaptic operations of the net after the last window, skipped steps], saved with the state. */
  readonly #work = new Float64Array(3);

  /** A step takes `dt` seconds; `graded` is told of each window. */
  constructor(model: Model, executor: Executor, dt: number, graded?: GradedWork) {
    this.#model = model;
    this.#executor = executor;
    this.#dt = dt;
    this.#graded = graded;
  }

  /** Why the net can no longer be used. */
  get failure(): SpikewireError | undefined {
    return this.#failure;
  }

  /** What did not fit its number format, in the life of the net. */
  get overflow(): Overflow {
    return this.#overflow;
  }

  /** The same with the node. */
  get nonFinite(): NonFinite | undefined {
    return this.#nonFinite;
  }

  get skippedSteps(): number {
    return this.#work[2]!;
  }

  /** What it has counted, as it is saved. */
  get kept(): KeptNumbers<Float64Array> {
    return kept(this.#work, real(0, Number.POSITIVE_INFINITY));
  }

  expectAlive(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Runs the window of a sample. */
  run(input: WindowResult['output'], { hold, ...settings }: WindowSettings): Promise<WindowResult> {
    const { sample } = this.#model;
    const [steps, fresh] = [windowSteps(sample), sample.between === 'reset'];
    this.#graded?.add(input, steps);
    return this.orFail(this.#executor.run({ steps, input, fresh, ...settings, ...(hold && { hold }) }));
  }

  /** Teaches the net between two windows. */
  async teach(teach: readonly Teaching[]): Promise<WindowResult['taught']> {
    return (await this.orFail(this.#executor.run({ steps: 0, input: noEvents(), teach }))).taught;
  }

  /** Membranes and traces start anew. */
  async freshen(): Promise<void> {
    await this.orFail(this.#executor.run({ steps: 0, input: noEvents(), fresh: true }));
  }

  /** Membranes of these nodes as they are now. */
  async membranes(nodes: readonly string[]): Promise<WindowResult['membranes']> {
    return (await this.orFail(this.#executor.run({ steps: 0, input: noEvents(), membranes: nodes }))).membranes;
  }

  /** The state of the net. Rejects with `store` where that cannot be kept; the net has not failed then. */
  save(): Promise<Uint8Array> {
    return this.orFail(this.#executor.save());
  }

  /** A call of the executor; where that fails, so has the net, unless it only refuses to keep a state (`store`). */
  async orFail<T>(call: Promise<T>): Promise<T> {
    try {
      return await call;
    } catch (cause) {
      if (cause instanceof SpikewireError && cause.code === 'store') throw cause;
      this.#failure ??=
        cause instanceof SpikewireError
          ? cause
          : new SpikewireError('unsupported', 'executor', String(cause), 'no failure', cause);
      throw this.#failure;
    }
  }

  /** Counts what a window did. */
  count(window: WindowResult) {
    const { spikes, synapticOperations, saturatedHigh, saturatedLow, clippedInputs } = window.counters;
    this.#nonFinite = window.nonFinite;
    this.#overflow = { saturatedHigh, saturatedLow, clippedInputs, nonFinite: window.nonFinite?.neurons ?? 0 };
    const counted = { spikes: spikes - this.#work[0]!, synapticOperations: synapticOperations - this.#work[1]! };
    this.#work.set([spikes, synapticOperations]);
    return counted;
  }

  /** Counts the steps of the milliseconds between two samples that the net did not run. */
  countSkipped(between: number): void {
    if (this.#model.sample.between !== 'continue') return;
    const passed = Math.round(between / (1000 * this.#dt));
    this.#work[2]! += Math.max(0, passed - windowSteps(this.#model.sample));
  }

  /** @returns what sets the counters of the net, not those of skipped steps, to what they are now */
  keepCounters(): () => void {
    const counted = this.#work.slice(0, 2);
    return () => this.#work.set(counted);
  }
}

function noEvents(): WindowResult['output'] {
  return { step: new Int32Array(0), node: new Int32Array(0), index: new Int32Array(0), value: new Float64Array(0) };
}
