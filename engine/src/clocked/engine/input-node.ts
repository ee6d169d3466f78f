import type { EventBuffer } from '../../event-buffer.ts';
import type { EmissionRing } from '../emission-ring.ts';
import type { InputFormat } from '../input-format.ts';

/** One Input node: what arrives in a step becomes its list. */
export class InputNode {
  readonly bytes: number;
  readonly #index: number;
  readonly #list: EmissionRing;
  readonly #format: InputFormat;
  /** By element, for steps in which not every event is a spike or not every element comes once. */
  readonly #sums: Float64Array;
  /**
   * Of such a step: its first event, and how many values it cut to their range. Fewer than 0 events: the last step was
   * none.
   */
  #before = -1;
  #clipped = 0;

  constructor(index: number, list: EmissionRing, format: InputFormat) {
    this.#index = index;
    this.#list = list;
    this.#format = format;
    this.#sums = new Float64Array(list.plan.layout.size);
    this.bytes = this.#sums.byteLength;
  }

  /**
   * Takes this node's events of step `now`, the first of which is at `from` or later, and returns where the next step
   * begins. Events for the same element add up.
   */
  stage(input: EventBuffer, from: number, now: number): number {
    const repeatedTo = now === 0 ? -1 : this.#stageRepeated(input, from, now);
    if (repeatedTo >= 0) return repeatedTo;
    this.#before = -1;
    const { length, step, node, index, value } = input;
    const own = this.#index;
    const { one } = this.#format;
    const list = this.#list;
    const { words } = list;
    const slot = list.slot();
    const first = list.positionWord(slot);
    let count = 0;
    let last = -1;
    let k = from;
    for (; k < length && step[k] === now; k++) {
      if (node[k] !== own) continue;
      const element = index[k]!;
      if (value[k] !== one || element <= last) return this.#stageAny(input, from, now);
      words[first + count++] = element;
      last = element;
    }
    list.close(slot, count, false);
    return k;
  }

  /**
   * A current that stays: the list is what it was. Returns where the next step begins, or fewer than 0: this step is
   * another.
   */
  #stageRepeated({ length, step, node, index, value }: EventBuffer, from: number, now: number): number {
    let before = this.#before;
    if (before < 0 || this.#list.plan.slots > 1) return -1;
    let k = from;
    for (; before < from; k++, before++) {
      if (k === length || step[k] !== now) return -1;
      if (index[k] !== index[before] || value[k] !== value[before] || node[k] !== node[before]) return -1;
    }
    if (k < length && step[k] === now) return -1;
    this.#list.repeat();
    this.#format.clipped += this.#clipped;
    this.#before = from;
    return k;
  }

  #stageAny({ length, step, node, index, value }: EventBuffer, from: number, now: number): number {
    const clippedBefore = this.#format.clipped;
    const sums = this.#sums;
    sums.fill(0);
    let k = from;
    for (; k < length && step[k] === now; k++) if (node[k] === this.#index) sums[index[k]!]! += value[k]!;
    const slot = this.#list.slot();
    let count = 0;
    for (let element = 0; element < sums.length; element++) {
      if (sums[element] === 0) continue;
      const converted = this.#format.convert(sums[element]!);
      if (converted !== 0) this.#list.write(slot, count++, element, converted);
    }
    this.#list.close(slot, count, true);
    this.#before = from;
    this.#clipped = this.#format.clipped - clippedBefore;
    return k;
  }
}
