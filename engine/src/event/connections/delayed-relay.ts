import type { KeptState } from '@spikewire/models';
import type { TimeAxis } from '../flow/flow.ts';
import { DelayedEdge, EmissionRing, ringCapacity } from './delayed-edge.ts';
import type { EventNode } from './event-node.ts';
import { PassingNode } from './passing-node.ts';

/** Elements that pass with delays of their own. */
export class DelayedRelay extends PassingNode implements EventNode {
  readonly saved: KeptState;
  readonly bytes: number;
  readonly retained: readonly object[];
  readonly #ring: EmissionRing;
  /** One for each delay that occurs, which lets only the elements of that delay pass. */
  readonly #edges: readonly DelayedEdge[];

  /** `dropped` counts for the net. */
  constructor(delays: Int32Array, axis: TimeAxis, dropped: Float64Array) {
    const size = delays.length;
    super(size, size);
    const distinct = [...new Set(delays)].sort((a, b) => a - b);
    this.#ring = new EmissionRing(size, ringCapacity(size, distinct.at(-1) ?? 0, axis), distinct.length, dropped);
    this.#edges = distinct.map((delay, edge) => new DelayedEdge(this.#ring, edge, delay, this.leaving, delays));
    this.saved = this.#ring.saved;
    this.retained = [delays];
    this.bytes = this.arrayBytes + this.#ring.bytes;
  }

  get next(): number {
    return this.#edges.reduce((earliest, { next }) => Math.min(earliest, next), Number.POSITIVE_INFINITY);
  }

  protected pass(now: number): void {
    this.#ring.push(now, this.arrived);
    for (const edge of this.#edges) edge.deliver(now);
  }

  reset(): void {
    this.arrivals[0].clear();
    this.#ring.reset();
  }

  restored(): void {
    this.arrivals[0].clear();
  }
}
