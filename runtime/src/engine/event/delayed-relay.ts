import type { TensorData } from '@spikewire/models';
import { type SparseActivity, sparseActivity } from '../../learn/sparse-activity.ts';
import { Arrivals } from './arrivals.ts';
import { DelayedEdge, EmissionRing, ringCapacity } from './delayed-edge.ts';
import { bytesOf, type EventNode, noVariables } from './event-node.ts';
import type { TimeAxis } from './flow.ts';
import { takeSums } from './relay-node.ts';

/** Elements that pass with delays of their own. */
export class DelayedRelay implements EventNode {
  readonly arrivals: readonly [Arrivals];
  readonly emission: SparseActivity;
  readonly saved: ReadonlyMap<string, TensorData>;
  readonly variables = noVariables.variables;
  readonly readState = noVariables.readState;
  readonly bytes: number;
  readonly retained: readonly object[];
  readonly #arrived: SparseActivity;
  readonly #leaving: Arrivals;
  readonly #ring: EmissionRing;
  /** One for each delay that occurs, which lets only the elements of that delay pass. */
  readonly #edges: readonly DelayedEdge[];

  /** `dropped` counts for the net. */
  constructor(delays: Int32Array, axis: TimeAxis, dropped: Float64Array) {
    const size = delays.length;
    const distinct = [...new Set(delays)].sort((a, b) => a - b);
    this.arrivals = [new Arrivals(size)];
    this.emission = sparseActivity(size);
    this.#arrived = sparseActivity(size);
    this.#leaving = new Arrivals(size);
    this.#ring = new EmissionRing(ringCapacity(size, distinct.at(-1) ?? 0, axis), distinct.length, dropped);
    this.#edges = distinct.map((delay, edge) => new DelayedEdge(this.#ring, edge, delay, this.#leaving, delays));
    this.saved = this.#ring.saved;
    this.retained = [delays];
    this.bytes = bytesOf([...this.arrivals, this.#leaving], this.emission, this.#arrived) + this.#ring.bytes;
  }

  get next(): number {
    return this.#edges.reduce((earliest, { next }) => Math.min(earliest, next), Number.POSITIVE_INFINITY);
  }

  visit(now: number): void {
    takeSums(this.arrivals[0], this.#arrived);
    this.#ring.push(now, this.#arrived);
    for (const edge of this.#edges) edge.deliver(now);
    takeSums(this.#leaving, this.emission);
  }

  reset(): void {
    this.arrivals[0].clear();
    this.#ring.reset();
  }

  restored(): void {
    this.arrivals[0].clear();
  }
}
