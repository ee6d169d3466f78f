import { type Firing, fire, type KeptState, kept, type LinearDynamics, real } from '@spikewire/models';
import type { NetworkCounters } from '../../engine.ts';
import { type SparseActivity, sparseActivity } from '../../learn/sparse-activity.ts';
import { Arrivals, type Sink } from '../connections/arrivals.ts';
import { bytesOf, type EventNode } from '../connections/event-node.ts';
import type { ConstantInput } from '../flow/constant-input.ts';
import { CurrentFlow } from '../flow/current-flow.ts';
import type { Flow, TimeAxis } from '../flow/flow.ts';
import { LeakyFlow } from '../flow/leaky-flow.ts';
import { Calendar } from './calendar.ts';

/**
 * Steps that pass at least between two spikes of a neuron to which nothing arrives, off the grid: else time might stand
 * still.
 */
const LEAST_INTERVAL = 1 / 1024;

/**
 * Neurons whose membranes are brought up to date only when something arrives, and whose spikes without arrivals are in
 * a calendar: a silent neuron costs nothing, however long it is silent.
 */
export class LazyPopulation implements EventNode, Sink {
  readonly arrivals: readonly [Arrivals];
  readonly emission: SparseActivity;
  readonly saved: KeptState;
  readonly variables: readonly string[];
  readonly bytes: number;
  readonly #flow: Flow;
  readonly #firing: Firing | undefined;
  /** Lengths of rests in steps. */
  readonly #rest: Float64Array;
  /** When each neuron last spiked; empty on the grid, where that is at most once a step. */
  readonly #lastSpike: Float64Array;
  /** What `fire` writes its whole steps of rest to. */
  readonly #ignored: Float64Array;
  readonly #onGrid: boolean;
  readonly #constant: ConstantInput;
  readonly #calendar: Calendar;
  readonly #counters: NetworkCounters;
  /** Neurons that may spike, or whose spike must be foreseen anew. */
  readonly #alert: Int32Array;
  readonly #wake = (i: number) => this.arrivals[0].wake(i);

  /** `dt` is the length of a step in seconds. */
  constructor(
    { dynamics, axis, dt }: { readonly dynamics: LinearDynamics; readonly axis: TimeAxis; readonly dt: number },
    constant: ConstantInput,
    counters: NetworkCounters,
  ) {
    const size = dynamics.decay.length;
    this.#calendar = new Calendar(size);
    const flow: Flow = new (dynamics.current === undefined ? LeakyFlow : CurrentFlow)(dynamics, axis, this.#calendar);
    this.#flow = flow;
    this.#alert = new Int32Array(size);
    this.#firing = dynamics.firing;
    this.#onGrid = axis === 'grid';
    this.#rest = restOf(dynamics, axis, dt);
    this.#ignored = new Float64Array(size);
    this.#lastSpike = new Float64Array(this.#onGrid ? 0 : size);
    this.#constant = constant;
    this.#counters = counters;
    // A floor holds for the sum of a step, and off the grid there are no steps.
    const takesAtOnce = flow.receive !== undefined && this.#onGrid && dynamics.firing?.minimum === undefined;
    this.arrivals = [new Arrivals(size, takesAtOnce ? this : undefined)];
    this.emission = sparseActivity(size);
    const never = real(Number.NEGATIVE_INFINITY);
    this.saved = this.#onGrid ? flow.saved : { ...flow.saved, lastSpike: kept(this.#lastSpike, never) };
    this.variables = [...Object.keys(this.#flow.state), ...(dynamics.firing === undefined ? [] : ['refractory'])];
    const arrays = [this.#rest, this.#ignored, this.#alert, this.#lastSpike];
    const own = arrays.reduce((sum, { byteLength }) => sum + byteLength, bytesOf(this.arrivals, this.emission));
    this.bytes = own + this.#flow.bytes + this.#calendar.bytes + constant.bytes;
  }

  get next(): number {
    return Math.min(this.#calendar.earliest, this.#constant.next);
  }

  receive(
    outputs: ArrayLike<number> | undefined,
    weights: Float32Array | Float64Array,
    from: number,
    to: number,
    factor: number,
    now: number,
  ): void {
    if (this.#constant.next <= now) this.#beginConstants(now);
    const [arrivals] = this.arrivals;
    if (this.#flow.receive!(outputs, weights, from, to, factor, now, arrivals.touched)) arrivals.any = true;
  }

  visit(now: number): void {
    if (this.#constant.next <= now) this.#beginConstants(now);
    const [arrivals] = this.arrivals;
    this.#calendar.forEachAt(now, this.#wake);
    const { touched, sums } = arrivals;
    const count = this.#flow.arrive(touched.drained, arrivals.take(), sums, now, this.#alert);
    let emitted = 0;
    for (let k = 0; k < count; k++) {
      const alert = this.#alert[k]!;
      const i = alert < 0 ? ~alert : alert;
      const spikes = alert < 0 ? 0 : this.#fire(i, now);
      this.#predict(i);
      if (spikes === 0) continue;
      this.emission.index[emitted] = i;
      this.emission.value[emitted++] = spikes;
      this.#counters.spikes += spikes;
    }
    this.emission.length = emitted;
  }

  reset(origin: number): void {
    this.arrivals[0].clear();
    this.#flow.reset(origin);
    this.#lastSpike.fill(Number.NEGATIVE_INFINITY);
    this.#constant.reset(origin);
    this.#flow.setConstant(this.#constant.values, origin);
    this.#predictAll();
  }

  restored(origin: number, now: number): void {
    this.arrivals[0].clear();
    this.#constant.restore(origin, now);
    // Nothing is brought anywhere: the presents that were saved stay.
    this.#flow.setConstant(this.#constant.values, Number.NEGATIVE_INFINITY);
    this.#predictAll();
  }

  readState(variable: string, now: number, into: Float64Array): void {
    const flow = this.#flow;
    for (let i = 0; i < into.length; i++) {
      into[i] = variable === 'refractory' ? Math.max(0, flow.presentOf(i) - now) : flow.peek(variable, i, now);
    }
  }

  #beginConstants(now: number): void {
    while (this.#constant.next <= now) {
      const before = this.#constant.begin();
      this.#flow.setConstant(this.#constant.values, before);
      this.#predictAll();
    }
  }

  /** Lets a neuron spike that is above its threshold. */
  #fire(i: number, now: number): number {
    if (this.#firing === undefined) return 0;
    const v = this.#flow.state.v!;
    const theta = this.#firing.threshold[i]!;
    // A crossing that was foreseen is one, on whichever side of the threshold rounding left the membrane.
    if (!this.#onGrid && this.#calendar.dueOf(i) === now && v[i]! < theta) v[i] = theta;
    const spikes = fire(this.#firing, i, v, this.#ignored);
    if (spikes === 0) return 0;
    this.#flow.holdUntil(i, now + this.#rest[i]!);
    if (!this.#onGrid) this.#lastSpike[i] = now;
    return spikes;
  }

  #predict(i: number): void {
    const due = this.#flow.presentOf(i) + this.#flow.untilSpike(i);
    this.#calendar.set(i, this.#onGrid ? due : Math.max(due, this.#lastSpike[i]! + LEAST_INTERVAL));
  }

  #predictAll(): void {
    for (let i = 0; i < this.emission.index.length; i++) this.#predict(i);
  }
}

function restOf({ decay, firing }: LinearDynamics, axis: TimeAxis, dt: number): Float64Array {
  if (firing === undefined) return new Float64Array(decay.length);
  if (axis === 'grid' || firing.refractorySeconds === undefined) return Float64Array.from(firing.refractorySteps);
  return firing.refractorySeconds.map((seconds) => seconds / dt);
}
