import { agreeing, type KeptState, kept, real, whole } from '@spikewire/models';
import type { SparseActivity } from '../../learn/sparse-activity.ts';
import type { TimeAxis } from '../flow/flow.ts';
import type { Arrivals } from './arrivals.ts';

/** Emissions under way for which there is room off the grid, where an element may emit any number within a delay. */
const LEAST_ROOM = 4096;

/** Room for what `size` elements emit within a delay of so many steps; on the grid all that they can. */
export function ringCapacity(size: number, delay: number, axis: TimeAxis): number {
  const onGrid = size * (delay + 1);
  return axis === 'grid' ? onGrid : Math.max(onGrid, LEAST_ROOM);
}

/**
 * What a node emitted and its delayed edges have not delivered yet: a ring of single events. Each edge reads it at its
 * own position; as a delay is the same for all that passes an edge, nothing needs to be sorted.
 */
export class EmissionRing {
  readonly capacity: number;
  readonly time: Float64Array;
  readonly index: Int32Array;
  readonly value: Float64Array;
  /** How many events went in since the last reset, and how many each edge has delivered. */
  readonly written = new Float64Array(1);
  readonly delivered: Float64Array;
  readonly #size: number;
  readonly #dropped: Float64Array;

  /**
   * Of `size` elements. `dropped` is [how many events found a ring of the net full], which goes on. Never on the grid, where an element
   * emits at most once per step.
   */
  constructor(size: number, capacity: number, edges: number, dropped: Float64Array) {
    this.#size = size;
    this.#dropped = dropped;
    this.capacity = capacity;
    this.time = new Float64Array(this.capacity);
    this.index = new Int32Array(this.capacity);
    this.value = new Float64Array(this.capacity);
    this.delivered = new Float64Array(edges);
  }

  /** Everything that changes, by name. */
  get saved(): KeptState {
    const { time, index, value, written, delivered } = this;
    const underWay = `at most ${this.capacity} events under way`;
    return {
      time: kept(time, real(-1)),
      index: kept(index, whole(0, this.#size - 1)),
      value: kept(value, real()),
      written: kept(written, whole()),
      delivered: agreeing(kept(delivered, whole()), underWay, (saved) => {
        const left = saved(delivered).map((done) => saved(written)[0]! - done);
        return left.every((count) => count >= 0 && count <= this.capacity);
      }),
    };
  }

  get bytes(): number {
    return Object.values(this.saved).reduce((sum, { view }) => sum + view.byteLength, 0);
  }

  push(now: number, { length, index, value }: SparseActivity): void {
    let event = this.written[0]!;
    let oldest = this.delivered[0]!;
    for (let edge = 1; edge < this.delivered.length; edge++) oldest = Math.min(oldest, this.delivered[edge]!);
    for (let k = 0; k < length; k++) {
      if (event - oldest === this.capacity) {
        this.#dropped[0]! += length - k;
        break;
      }
      const slot = event % this.capacity;
      this.time[slot] = now;
      this.index[slot] = index[k]!;
      this.value[slot] = value[k]!;
      event++;
    }
    this.written[0] = event;
  }

  reset(): void {
    this.written[0] = 0;
    this.delivered.fill(0);
  }
}

/** One edge with a delay: brings what the ring holds to a port when its time has come. */
export class DelayedEdge {
  readonly #ring: EmissionRing;
  readonly #edge: number;
  readonly #delay: number;
  readonly #target: Arrivals;
  readonly #delays: Int32Array | undefined;

  /** `edge` is its index among those that read the ring. With `delays` only the elements pass whose delay it is. */
  constructor(ring: EmissionRing, edge: number, delay: number, target: Arrivals, delays?: Int32Array) {
    this.#ring = ring;
    this.#edge = edge;
    this.#delay = delay;
    this.#target = target;
    this.#delays = delays;
  }

  /** When it next delivers; Infinity where nothing is under way. */
  get next(): number {
    const { written, delivered, time, capacity } = this.#ring;
    const event = delivered[this.#edge]!;
    return event < written[0]! ? time[event % capacity]! + this.#delay : Number.POSITIVE_INFINITY;
  }

  deliver(now: number): void {
    const { index, value, delivered, capacity } = this.#ring;
    while (this.next <= now) {
      const slot = delivered[this.#edge]! % capacity;
      const element = index[slot]!;
      if (this.#delays === undefined || this.#delays[element] === this.#delay) this.#target.add(element, value[slot]!);
      delivered[this.#edge]! += 1;
    }
  }
}
