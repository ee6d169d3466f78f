import type { Value } from '../graph/operations/value.ts';
import type { Signal } from '../lowering/signal.ts';

/** What a net's answer is worth. */
export interface Loss {
  /**
   * What the last population hands out: spikes, or the state of a read-out. A net that `--arch` writes gets such a
   * population.
   */
  readonly reads: 'spikes' | 'state';
  /** Decoder that finds the highest answer on a device; absent: count, the sum of what is handed out. */
  readonly decoder?: string;
  /**
   * How right the answers to a sample are, 0…1, beside its targets; absent: whether the highest is that of the class.
   */
  readonly right?: (answers: ArrayLike<number>, targets: ArrayLike<number>) => number;
  /**
   * For what the Output emits, of the shape [classes], and one-hot targets [batch, classes]: the loss of each sample
   * [batch], and the answers [batch, classes], of which the highest is the class. `inputs` is what the net is given, by
   * Input node: [batch, …] where it is the same in every step.
   */
  of(
    answer: Signal,
    targets: Value,
    inputs: ReadonlyMap<string, Value>,
  ): { readonly losses: Value; readonly answers: Value };
}
