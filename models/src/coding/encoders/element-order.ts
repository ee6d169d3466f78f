/**
 * Elements of one sample in order of a key each, a whole number; of equal keys the lower element first. Sorted where
 * they lie, so that no sample allocates, in memory that depends on the elements and not on the steps of the sample.
 */
export class ElementOrder {
  readonly #elements: number;
  /** key·elements + element: exact below 2^53, which 2^31 steps of 2^22 elements reach. */
  readonly #keys: Float64Array;
  #length = 0;

  /** For at most `elements` entries of elements below `elements`. */
  constructor(elements: number) {
    this.#elements = elements;
    this.#keys = new Float64Array(elements);
  }

  get bytes(): number {
    return this.#keys.byteLength;
  }

  get length(): number {
    return this.#length;
  }

  clear(): void {
    this.#length = 0;
  }

  /** Adds an element with a key from 0; each element at most once. */
  add(key: number, element: number): void {
    this.#keys[this.#length++] = key * this.#elements + element;
  }

  sort(): void {
    this.#keys.fill(Number.POSITIVE_INFINITY, this.#length);
    this.#keys.sort();
  }

  /** The element at rank `k`. */
  element(k: number): number {
    return this.#keys[k]! % this.#elements;
  }

  /** The key of the element at rank `k`. */
  key(k: number): number {
    return (this.#keys[k]! - this.element(k)) / this.#elements;
  }
}
