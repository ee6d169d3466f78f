import { listField, listSlot } from '../kernels/kernel-constants.ts';
import type { MemoryViews } from '../kernels/memory.ts';

/** First word of the slot that the list at address `list` had `delay` steps ago. */
function slotAt(words: Int32Array, list: number, delay: number): number {
  const field = (offset: number) => words[(list + offset) / 4]!;
  const back = field(listField.head) - delay;
  const slot = back < 0 ? back + field(listField.slots) : back;
  return (field(listField.base) + slot * field(listField.slotBytes)) / 4;
}

/**
 * Whether there is anything in one of the lists at `watched`: their number, then of each its address and how many steps
 * back.
 */
export function isAnyFilled({ int32 }: MemoryViews, watched: number): boolean {
  const first = watched / 4 + 1;
  for (let at = first; at < first + 2 * int32[watched / 4]!; at += 2) {
    if (int32[slotAt(int32, int32[at]!, int32[at + 1]!)]! > 0) return true;
  }
  return false;
}

/** The events that an instruction reads: its list, looked at some steps back. */
export class ArrivalReader {
  /** Events of the step; set by `open`. */
  count = 0;
  /** Whether not all values are 1. */
  graded = false;
  /** Whether the step is as the one before. */
  repeated = false;
  readonly #words: Int32Array;
  readonly #numbers: Int32Array | Float32Array;
  readonly #list: number;
  readonly #delay: number;
  readonly #stride: number;
  readonly #pixels: number;
  #positions = 0;
  #values = 0;

  constructor(
    memory: MemoryViews,
    values: Int32Array | Float32Array,
    operands: Readonly<Record<'list' | 'delay' | 'sourceStride' | 'sourcePixels', number>>,
  ) {
    this.#words = memory.int32;
    this.#numbers = values;
    this.#list = operands.list;
    this.#delay = operands.delay;
    this.#stride = operands.sourceStride;
    this.#pixels = operands.sourcePixels;
  }

  /** Turns to the slot of this step. */
  open(): void {
    const slot = slotAt(this.#words, this.#list, this.#delay);
    this.count = this.#words[slot]!;
    this.graded = this.#words[slot + 1] !== 0;
    this.repeated = this.#words[slot + 1] === listSlot.repeated;
    this.#positions = slot + listSlot.header / 4;
    this.#values = slot + this.#words[(this.#list + listField.toValues) / 4]! / 4;
  }

  /** Row-major index of event `k`. */
  index(k: number): number {
    const position = this.#words[this.#positions + k]!;
    if (this.#pixels === 1) return position;
    return (position % this.#stride) * this.#pixels + Math.floor(position / this.#stride);
  }

  value(k: number): number {
    return this.graded ? this.#numbers[this.#values + k]! : 1;
  }
}

/** The list that an instruction writes. */
export class Emissions {
  readonly #words: Int32Array;
  readonly #numbers: Int32Array | Float32Array;
  readonly #list: number;
  #slot = 0;
  #values = 0;
  #count = 0;
  readonly #graded: boolean;

  /** `graded`: not all values are 1. */
  constructor(memory: MemoryViews, values: Int32Array | Float32Array, list: number, graded: boolean) {
    this.#words = memory.int32;
    this.#numbers = values;
    this.#list = list;
    this.#graded = graded;
  }

  /** Turns to the slot of this step, empty. */
  open(): void {
    this.#slot = slotAt(this.#words, this.#list, 0);
    this.#values = this.#slot + this.#words[(this.#list + listField.toValues) / 4]! / 4;
    this.#count = 0;
  }

  push(position: number, value: number): void {
    this.#words[this.#slot + listSlot.header / 4 + this.#count] = position;
    if (this.#graded) this.#numbers[this.#values + this.#count] = value;
    this.#count++;
  }

  close(): void {
    this.#words[this.#slot] = this.#count;
    this.#words[this.#slot + 1] = this.#graded ? 1 : 0;
  }
}
