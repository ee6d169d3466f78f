import { type SparseActivity, sparseActivity } from '../../learn/sparse-activity.ts';
import type { ConstantInput } from '../flow/constant-input.ts';
import { Arrivals } from './arrivals.ts';
import { bytesOf, type EventNode, noVariables } from './event-node.ts';

/** Takes the sums that arrived, ascending and without zeros, and leaves none. */
export function takeSums(arrivals: Arrivals, into: SparseActivity): void {
  const count = arrivals.take();
  const { drained } = arrivals.touched;
  let length = 0;
  for (let k = 0; k < count; k++) {
    const i = drained[k]!;
    const sum = arrivals.sums[i]!;
    arrivals.sums[i] = 0;
    if (sum === 0) continue;
    into.index[length] = i;
    into.value[length++] = sum;
  }
  into.length = length;
}

/**
 * Input and Output: what arrives is what is emitted. A constant arrives anew in every step; so an Output behind a bias
 * is visited in every step.
 */
export class RelayNode implements EventNode {
  readonly arrivals: readonly [Arrivals];
  readonly emission: SparseActivity;
  readonly saved = {};
  readonly variables = noVariables.variables;
  readonly readState = noVariables.readState;
  readonly bytes: number;
  readonly #constant: ConstantInput;
  #now = 0;

  constructor(size: number, constant: ConstantInput) {
    this.#constant = constant;
    this.arrivals = [new Arrivals(size)];
    this.emission = sparseActivity(size);
    this.bytes = bytesOf(this.arrivals, this.emission) + constant.bytes;
  }

  get next(): number {
    return this.#constant.isPresent ? this.#now + 1 : this.#constant.next;
  }

  visit(now: number): void {
    this.#now = now;
    addConstant(this.#constant, this.arrivals[0], now);
    takeSums(this.arrivals[0], this.emission);
  }

  reset(origin: number): void {
    this.#now = origin;
    this.#constant.reset(origin);
    this.arrivals[0].clear();
  }

  restored(origin: number, now: number): void {
    this.#now = now;
    this.#constant.restore(origin, now);
    this.arrivals[0].clear();
  }
}

/** Lets what is there all the time arrive at `now`. */
export function addConstant(constant: ConstantInput, arrivals: Arrivals, now: number): void {
  while (constant.next <= now) constant.begin();
  if (!constant.isPresent) return;
  const { values } = constant;
  for (let i = 0; i < values.length; i++) if (values[i] !== 0) arrivals.add(i, values[i]!);
}
