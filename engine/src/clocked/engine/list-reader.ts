import type { EventBuffer } from '../../event-buffer.ts';
import type { SparseActivity } from '../../learn/sparse-activity.ts';
import type { EmissionRing } from '../emission-ring.ts';

/** A list to read, some steps back, each value times `unit`. */
export interface Reading {
  readonly list: EmissionRing;
  readonly delay: number;
  readonly unit: number;
}

/**
 * Reads lists in row-major order for those outside the kernels: outputs, rasters, learning rules. Where several lists
 * come together, or a list is not in that order, it goes through a dense vector.
 */
export class ListReader {
  readonly bytes: number;
  readonly #readings: readonly Reading[];
  readonly #dense: Float64Array | undefined;

  constructor(readings: readonly Reading[], size: number) {
    this.#readings = readings;
    const direct = readings.length === 1 && readings[0]!.list.plan.layout.pixels === 1;
    this.#dense = direct ? undefined : new Float64Array(size);
    this.bytes = this.#dense?.byteLength ?? 0;
  }

  /** Appends this step's events of the node at `index`. */
  pushTo(buffer: EventBuffer, step: number, node: number): void {
    if (this.#dense === undefined) {
      const { list, delay, unit } = this.#readings[0]!;
      const slot = list.slot(delay);
      const count = list.count(slot);
      for (let k = 0; k < count; k++) buffer.push(step, node, list.position(slot, k), list.value(slot, k) * unit);
      return;
    }
    const dense = this.#sum(this.#dense);
    for (let index = 0; index < dense.length; index++) {
      if (dense[index] !== 0) buffer.push(step, node, index, dense[index]!);
    }
  }

  /** The same as activity for a learning rule. */
  collect(activity: SparseActivity): void {
    let length = 0;
    if (this.#dense === undefined) {
      const { list, delay, unit } = this.#readings[0]!;
      const slot = list.slot(delay);
      length = list.count(slot);
      for (let k = 0; k < length; k++) {
        activity.index[k] = list.position(slot, k);
        activity.value[k] = list.value(slot, k) * unit;
      }
    } else {
      const dense = this.#sum(this.#dense);
      for (let index = 0; index < dense.length; index++) {
        if (dense[index] === 0) continue;
        activity.index[length] = index;
        activity.value[length++] = dense[index]!;
      }
    }
    activity.length = length;
  }

  #sum(dense: Float64Array): Float64Array {
    dense.fill(0);
    for (const { list, delay, unit } of this.#readings) {
      const { layout } = list.plan;
      const slot = list.slot(delay);
      const count = list.count(slot);
      for (let k = 0; k < count; k++) dense[layout.index(list.position(slot, k))]! += list.value(slot, k) * unit;
    }
    return dense;
  }
}
