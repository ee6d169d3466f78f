/**
 * Elements of one sample in order of a whole number each, of equal ones the lower element first. Sorted in place, so that no sample
 * allocates, in memory that depends on the elements and not on the steps of the sample.
 */
export class ElementOrder {
  readonly #elements: number;
  /** place·elements + element: exact below 2^53, which 2^31 steps of 2^22 elements reach. */
  readonly #keys: Float64Array;
  #length = 0;

  /** For at most `elements` entries of elements below `elements`. */
  constructor(elements: number) {
    this.#elements = elements;
    this.#keys = new Float64Array(elements);
  }

  get length(): number {
    return this.#length;
  }

  clear(): void {
    this.#length = 0;
  }

  /** Adds an element at a whole number from 0; each element at most once. */
  add(place: number, element: number): void {
    this.#keys[this.#length++] = place * this.#elements + element;
  }

  sort(): void {
    this.#keys.fill(Number.POSITIVE_INFINITY, this.#length);
    this.#keys.sort();
  }

  /** The element at rank `k`. */
  element(k: number): number {
    return this.#keys[k]! % this.#elements;
  }

  /** The whole number of the element at rank `k`. */
  place(k: number): number {
    return (this.#keys[k]! - this.element(k)) / this.#elements;
  }
}
