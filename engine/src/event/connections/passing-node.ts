import type { KeptState } from '@spikewire/models';
import { type SparseActivity, sparseActivity } from '../../learn/sparse-activity.ts';
import { Arrivals } from './arrivals.ts';
import { bytesOf, noVariables } from './event-node.ts';
import { takeSums } from './relay-node.ts';

/** A node of one port that hands on what `pass` lets through of what has arrived. */
export abstract class PassingNode {
  readonly arrivals: readonly [Arrivals];
  readonly emission: SparseActivity;
  readonly variables = noVariables.variables;
  readonly readState = noVariables.readState;
  abstract readonly saved: KeptState;
  protected readonly arrived: SparseActivity;
  protected readonly leaving: Arrivals;
  protected readonly arrayBytes: number;

  constructor(inputs: number, outputs: number) {
    this.arrivals = [new Arrivals(inputs)];
    this.arrived = sparseActivity(inputs);
    this.leaving = new Arrivals(outputs);
    this.emission = sparseActivity(outputs);
    this.arrayBytes = bytesOf([...this.arrivals, this.leaving], this.emission, this.arrived);
  }

  visit(now: number): void {
    takeSums(this.arrivals[0], this.arrived);
    this.pass(now);
    takeSums(this.leaving, this.emission);
  }

  /** From `arrived` into `leaving`. */
  protected abstract pass(now: number): void;
}
