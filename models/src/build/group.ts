import { SpikewireError } from '../error.ts';

/** Neurons, inputs or values of one node, or a run of them: what a connection leads from or to. */
export class Group {
  /** Name of the node in the graph. */
  readonly node: string;
  /** Elements of the whole node. */
  readonly nodeSize: number;
  /** The elements of this group: `first` … `first + size − 1`. */
  readonly first: number;
  readonly size: number;

  constructor(node: string, nodeSize: number, first = 0, size = nodeSize) {
    this.node = node;
    this.nodeSize = nodeSize;
    this.first = first;
    this.size = size;
  }

  get isWhole(): boolean {
    return this.size === this.nodeSize;
  }

  /** The elements `from` … `to − 1` of this group, counted within it. Throws `parameter` where there are none. */
  slice(from: number, to: number): Group {
    if (Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from < to && to <= this.size) {
      return new Group(this.node, this.nodeSize, this.first + from, to - from);
    }
    throw new SpikewireError(
      'parameter',
      `"${this.node}"[${from}…${to}]`,
      'is not a part',
      `0 ≤ from < to ≤ ${this.size}`,
    );
  }
}
