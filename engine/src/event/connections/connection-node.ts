import type { NetworkCounters } from '../../engine.ts';
import { type SparseActivity, sparseActivity } from '../../learn/sparse-activity.ts';
import type { FloatWeights } from '../../learn/weights/float-weights.ts';
import type { ConstantInput } from '../flow/constant-input.ts';
import { Arrivals } from './arrivals.ts';
import { bytesOf, type EventNode, noVariables } from './event-node.ts';
import { addConstant, takeSums } from './relay-node.ts';
import type { Transmission } from './transmission.ts';

export interface ConnectionSite {
  readonly inputs: number;
  readonly outputs: number;
  readonly transmission: Transmission;
  /** Where all that it emits goes, in the same step; absent where it emits for several or late. */
  readonly target: Arrivals | undefined;
  /** What arrives all the time and is not taken over by those behind it. */
  readonly constant: ConstantInput;
  /** The bias that it emits anew in every step; absent where those behind it take it as a constant. */
  readonly bias: Float64Array | undefined;
  readonly counters: NetworkCounters;
}

/** A connection: each arriving event passes its synapses. */
export class ConnectionNode implements EventNode {
  readonly arrivals: readonly [Arrivals];
  readonly emission: SparseActivity;
  readonly saved = {};
  readonly variables = noVariables.variables;
  readonly readState = noVariables.readState;
  readonly bytes: number;
  readonly retained: readonly object[];
  readonly #site: ConnectionSite;
  readonly #arrived: SparseActivity;
  /** What it emits, where no one target takes it at once. */
  readonly #leaving: Arrivals | undefined;
  #now = 0;

  constructor(site: ConnectionSite) {
    this.#site = site;
    this.arrivals = [new Arrivals(site.inputs)];
    this.#arrived = sparseActivity(site.inputs);
    this.#leaving = site.target === undefined ? new Arrivals(site.outputs) : undefined;
    this.emission = sparseActivity(site.target === undefined ? site.outputs : 0);
    const leaving = this.#leaving === undefined ? [] : [this.#leaving];
    const arrays = bytesOf([...this.arrivals, ...leaving], this.emission, this.#arrived);
    this.bytes = arrays + site.transmission.bytes + site.constant.bytes;
    this.retained = [...site.transmission.retained, ...(site.bias === undefined ? [] : [site.bias])];
  }

  get next(): number {
    const { bias, constant } = this.#site;
    return bias !== undefined || constant.isPresent ? this.#now + 1 : constant.next;
  }

  /** The weights as a learner changes them. */
  learnable(): FloatWeights {
    return this.#site.transmission.learnable!();
  }

  /** What arrived in the visit at `now`, for a learner; nothing where there was none. */
  arrivedAt(now: number): SparseActivity {
    if (this.#now !== now) this.#arrived.length = 0;
    return this.#arrived;
  }

  visit(now: number): void {
    const { transmission, constant, bias, counters } = this.#site;
    this.#now = now;
    addConstant(constant, this.arrivals[0], now);
    takeSums(this.arrivals[0], this.#arrived);
    const { length, index, value } = this.#arrived;
    const target = this.#site.target ?? this.#leaving!;
    for (let k = 0; k < length; k++) {
      counters.synapticOperations += transmission.send(index[k]!, value[k]!, target, now);
    }
    if (bias !== undefined) for (let output = 0; output < bias.length; output++) target.add(output, bias[output]!);
    if (this.#leaving !== undefined) takeSums(this.#leaving, this.emission);
  }

  reset(origin: number): void {
    this.#now = origin;
    this.#site.constant.reset(origin);
    this.arrivals[0].clear();
  }

  restored(origin: number, now: number): void {
    this.#now = now;
    this.#site.constant.restore(origin, now);
    this.arrivals[0].clear();
  }
}
