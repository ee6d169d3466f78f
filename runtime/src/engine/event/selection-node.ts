import type { SelectionConnectivity, TensorData } from '@spikewire/models';
import { type SparseActivity, sparseActivity } from '../../learn/sparse-activity.ts';
import { Arrivals } from './arrivals.ts';
import type { ConstantInput } from './constant-input.ts';
import { bytesOf, type EventNode, noVariables } from './event-node.ts';
import { addConstant, takeSums } from './relay-node.ts';

/** A connection that hands on some of what arrives. */
export class SelectionNode implements EventNode {
  readonly arrivals: readonly [Arrivals];
  readonly emission: SparseActivity;
  readonly saved: ReadonlyMap<string, TensorData>;
  readonly variables = noVariables.variables;
  readonly readState = noVariables.readState;
  readonly bytes: number;
  readonly retained: readonly object[];
  readonly #connectivity: SelectionConnectivity;
  readonly #constant: ConstantInput;
  readonly #state: Float64Array;
  readonly #arrived: SparseActivity;
  readonly #leaving: Arrivals;
  readonly #send: (output: number, value: number) => void;
  #now = 0;

  constructor(connectivity: SelectionConnectivity, constant: ConstantInput) {
    const { inputs, outputs, stateLength } = connectivity;
    this.#connectivity = connectivity;
    this.#constant = constant;
    this.#state = new Float64Array(stateLength);
    this.#arrived = sparseActivity(inputs);
    this.#leaving = new Arrivals(outputs);
    this.#send = (output, value) => this.#leaving.add(output, value);
    this.arrivals = [new Arrivals(inputs)];
    this.emission = sparseActivity(outputs);
    this.saved = new Map([['arrived', this.#state]]);
    this.retained = [connectivity];
    const arrays = bytesOf([...this.arrivals, this.#leaving], this.emission, this.#arrived);
    this.bytes = arrays + this.#state.byteLength + constant.bytes;
  }

  get next(): number {
    return this.#constant.isPresent ? this.#now + 1 : this.#constant.next;
  }

  visit(now: number): void {
    this.#now = now;
    addConstant(this.#constant, this.arrivals[0], now);
    takeSums(this.arrivals[0], this.#arrived);
    this.#connectivity.select(this.#arrived, this.#state, this.#send);
    takeSums(this.#leaving, this.emission);
  }

  reset(origin: number): void {
    this.#now = origin;
    this.#constant.reset(origin);
    this.#state.fill(0);
    this.arrivals[0].clear();
  }

  restored(origin: number, now: number): void {
    this.#now = now;
    this.#constant.restore(origin, now);
    this.arrivals[0].clear();
  }
}
