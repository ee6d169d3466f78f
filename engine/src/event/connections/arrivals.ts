import { ActiveSet } from '../flow/active-set.ts';

/** Takes what arrives at once, without a sum. */
export interface Sink {
  /**
   * Lets factor · weights[k] arrive at element outputs[k], or k − from where no outputs are given, for from ≤ k < to.
   */
  receive(
    outputs: ArrayLike<number> | undefined,
    weights: Float32Array | Float64Array,
    from: number,
    to: number,
    factor: number,
    now: number,
  ): void;
}

/** What arrives at one port of a node at one moment: sums by element, and which elements were touched. */
export class Arrivals {
  readonly sums: Float64Array;
  readonly touched: ActiveSet;
  /** Whether anything arrived since the node was last visited. */
  any = false;
  /** For rows of weights, where nothing has to be summed before anything else. */
  readonly sink: Sink | undefined;

  constructor(size: number, sink?: Sink) {
    this.sink = sink;
    this.sums = new Float64Array(size);
    this.touched = new ActiveSet(size);
  }

  get bytes(): number {
    return this.sums.byteLength + this.touched.bytes;
  }

  add(element: number, value: number): void {
    const before = this.sums[element]!;
    // A sum of 0 is one that nothing touched yet, or one that is touched again, which does no harm.
    if (before === 0) this.touched.add(element);
    this.sums[element] = before + value;
    this.any = true;
  }

  /** Touches an element to which nothing arrives. */
  wake(element: number): void {
    this.touched.add(element);
    this.any = true;
  }

  /**
   * Empties the touched elements into `touched.drained` and returns how many there were; their sums are for the node to
   * clear.
   */
  take(): number {
    this.any = false;
    return this.touched.drain();
  }

  clear(): void {
    this.sums.fill(0);
    this.touched.clear();
    this.any = false;
  }
}
