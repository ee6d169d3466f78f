import { type KeptState, type NumberRange, real, whole } from '@spikewire/models';
import type { ActiveSet } from './active-set.ts';

/** How moments are counted: whole steps, or any real number of steps. */
export type TimeAxis = 'grid' | 'continuous';

/** What a flow needs to know of the spikes that are foreseen. */
export interface Foreseen {
  readonly isEmpty: boolean;
  has(neuron: number): boolean;
}

/**
 * How the state of a population's neurons moves by itself between events, in closed form. Times are in steps; on the
 * grid they are whole and mean the end of that step.
 *
 * A neuron has its own present, the time up to which its membrane was brought; `arrive` brings it to `now`. While it
 * rests its present lies in the future.
 */
export interface Flow {
  /** State variables by name, `v` among them, in the neurons' own presents. */
  readonly state: Readonly<Record<string, Float64Array>>;
  /** Everything that changes, by name. */
  readonly saved: KeptState;
  readonly bytes: number;

  /** The time up to which the membrane of neuron `i` was brought. */
  presentOf(i: number): number;
  /** Makes the membrane of neuron `i` stay as it is until `time`. */
  holdUntil(i: number, time: number): void;
  /**
   * Brings the first `count` neurons of `touched` to `now` and lets their `sums` arrive, which are 0 afterwards.
   * Returns how many of them it wrote to `alert`: those above their threshold, those below their floor, those whose
   * next spike must be foreseen anew, and, as ~i, such that rest. What arrives at a neuron that rests is lost, unless a
   * current takes it up.
   */
  arrive(touched: Int32Array, count: number, sums: Float64Array, now: number, alert: Int32Array): number;
  /**
   * Lets factor · weights[k] arrive at neuron outputs[k], or k − from where no outputs are given, for from ≤ k < to, at
   * once and one after the other; adds to `alert` whom `arrive` has to look at, and returns whether there is any.
   * Absent where arrivals of a step must be summed first.
   */
  readonly receive?: (
    outputs: ArrayLike<number> | undefined,
    weights: Float32Array | Float64Array,
    from: number,
    to: number,
    factor: number,
    now: number,
    alert: ActiveSet,
  ) => boolean;
  /**
   * Steps from the present of neuron `i` until it spikes if nothing arrives; Infinity for never. On the grid whole and
   * ≥ 1.
   */
  untilSpike(i: number): number;
  /** The input that is there all the time after `now`, by neuron. */
  setConstant(input: Float64Array, now: number): void;
  /** A state variable of neuron `i` at the end of `now`; nothing changes. */
  peek(variable: string, i: number, now: number): number;
  /** As at the start, which is at `now`. */
  reset(now: number): void;
}

/** What the time of something that has happened, or of a rest's end, may be in a saved state. */
export function momentOn(axis: TimeAxis): NumberRange {
  return axis === 'grid' ? whole(-1) : real(0);
}
