import { listField, listSlot } from './kernels/kernel-constants.ts';
import type { MemoryPlan, MemoryViews } from './kernels/memory.ts';
import type { Layout } from './layout.ts';

/** Positions after the last that kernels may write while they do not know yet how many events there are. */
const SLACK = 4;

/**
 * What a node emits, step by step: positions in its layout and values. Who looks back has a ring of slots, one per
 * step. A descriptor in memory tells kernels where the ring is and which slot is this step's.
 */
export class EmissionRingPlan {
  readonly layout: Layout;
  readonly capacity: number;
  /** Address of the descriptor. */
  readonly descriptor: number;
  readonly #plan: MemoryPlan;
  #longestDelay = 0;
  #base = 0;

  constructor(plan: MemoryPlan, layout: Layout) {
    this.layout = layout;
    // As many as there can be positions, so that a kernel never has to ask whether one more fits.
    this.capacity = layout.length;
    this.#plan = plan;
    this.descriptor = plan.reserve(listField.end);
  }

  get slots(): number {
    return this.#longestDelay + 1;
  }

  get base(): number {
    return this.#base;
  }

  get slotBytes(): number {
    return listSlot.header + 2 * this.#arrayBytes();
  }

  get valuesOffset(): number {
    return listSlot.header + this.#arrayBytes();
  }

  /** Says that somebody reads what was emitted `delay` steps ago; before `place`. */
  lookBack(delay: number): void {
    this.#longestDelay = Math.max(this.#longestDelay, delay);
  }

  /** Gives the ring its memory, when all readers are known. */
  place(): void {
    const fields = () => [0, this.slots, this.slotBytes, this.#base, this.valuesOffset];
    this.#base = this.#plan.reserve(this.slots * this.slotBytes, ({ int32 }) => {
      int32.set(fields(), this.descriptor / 4);
    });
  }

  #arrayBytes(): number {
    return Math.ceil((4 * (this.capacity + SLACK)) / 16) * 16;
  }
}

/** The ring of a running net, for readers and writers outside the kernels. */
export class EmissionRing {
  readonly plan: EmissionRingPlan;
  /** The memory of the net. */
  readonly words: Int32Array;
  /** The same memory in the format of values. */
  readonly #numbers: Int32Array | Float32Array;
  /** In words: of the descriptor and the first slot; of a slot; from the start of a slot to its values. */
  readonly #descriptor: number;
  readonly #base: number;
  readonly #slotLength: number;
  readonly #toValues: number;

  constructor(plan: EmissionRingPlan, memory: MemoryViews, values: 'int32' | 'float32') {
    this.plan = plan;
    this.words = memory.int32;
    this.#numbers = memory[values];
    this.#descriptor = plan.descriptor / 4;
    this.#base = plan.base / 4;
    this.#slotLength = plan.slotBytes / 4;
    this.#toValues = plan.valuesOffset / 4;
  }

  /** What was emitted `delay` steps ago: the first word of its slot. */
  slot(delay = 0): number {
    const slot = this.words[this.#descriptor]! - delay;
    return this.#base + (slot < 0 ? slot + this.plan.slots : slot) * this.#slotLength;
  }

  count(slot: number): number {
    return this.words[slot]!;
  }

  position(slot: number, k: number): number {
    return this.words[slot + listSlot.header / 4 + k]!;
  }

  value(slot: number, k: number): number {
    return this.words[slot + 1] === 0 ? 1 : this.#numbers[slot + this.#toValues + k]!;
  }

  /** The word of the first position; the others follow. */
  positionWord(slot: number): number {
    return slot + listSlot.header / 4;
  }

  write(slot: number, k: number, position: number, value: number): void {
    this.words[slot + listSlot.header / 4 + k] = position;
    this.#numbers[slot + this.#toValues + k] = value;
  }

  /** Clears what lies behind the events of all slots, so that equal states are equal bytes. */
  tidy(): void {
    for (let delay = 0; delay < this.plan.slots; delay++) {
      const slot = this.slot(delay);
      const count = this.count(slot);
      const values = slot + this.#toValues;
      const graded = this.words[slot + 1] !== 0;
      this.words.fill(0, slot + listSlot.header / 4 + count, values);
      this.words.fill(0, graded ? values + count : values, slot + this.#slotLength);
    }
  }

  /**
   * Says that the only slot of a ring holds this step what it held in the one before, in which not all values were 1.
   */
  repeat(): void {
    this.words[this.slot() + 1] = listSlot.repeated;
  }

  /** Ends the writing of a slot. `graded`: not all values are 1. */
  close(slot: number, count: number, graded: boolean): void {
    this.words[slot] = count;
    this.words[slot + 1] = graded ? 1 : 0;
  }
}
