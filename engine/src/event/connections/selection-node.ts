import { type KeptState, kept, real, type SelectionConnectivity } from '@spikewire/models';
import type { ConstantInput } from '../flow/constant-input.ts';
import type { EventNode } from './event-node.ts';
import { PassingNode } from './passing-node.ts';
import { addConstant } from './relay-node.ts';

/** A connection that hands on some of what arrives. */
export class SelectionNode extends PassingNode implements EventNode {
  readonly saved: KeptState;
  readonly bytes: number;
  readonly retained: readonly object[];
  readonly #connectivity: SelectionConnectivity;
  readonly #constant: ConstantInput;
  readonly #state: Float64Array;
  readonly #send: (output: number, value: number) => void;
  #now = 0;

  constructor(connectivity: SelectionConnectivity, constant: ConstantInput) {
    const { inputs, outputs, stateLength } = connectivity;
    super(inputs, outputs);
    this.#connectivity = connectivity;
    this.#constant = constant;
    this.#state = new Float64Array(stateLength);
    this.#send = (output, value) => this.leaving.add(output, value);
    this.saved = { arrived: kept(this.#state, real()) };
    this.retained = [connectivity];
    this.bytes = this.arrayBytes + this.#state.byteLength + constant.bytes;
  }

  get next(): number {
    return this.#constant.isPresent ? this.#now + 1 : this.#constant.next;
  }

  override visit(now: number): void {
    this.#now = now;
    addConstant(this.#constant, this.arrivals[0], now);
    super.visit(now);
  }

  protected pass(): void {
    this.#connectivity.select(this.arrived, this.#state, this.#send);
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
