import type { EventThreads, Layout, Placed } from './event-threads.ts';
import type { KernelName } from './job.ts';

/** Rows and outputs of a part, and rows of a chunk, as in `trainer/kernels`. */
const [ROWS, CHUNK, OUTPUTS] = [64, 256, 32];

/** For each set of eight, a bit each, its members, ascending, a byte each. */
const MEMBERS = Uint8Array.from({ length: 256 * 8 }, (_, at) => membersOf(at >> 3)[at & 7] ?? 0);

function membersOf(set: number): number[] {
  return Array.from({ length: 8 }, (_, member) => member).filter((member) => (set >> member) & 1);
}

/** Room for the other operands of a product. */
interface ProductRoom {
  readonly outputs: number;
  readonly weights: Placed;
  readonly sums: Placed;
  readonly bias: Placed;
  readonly scratch: Placed;
}

/** A matrix that is mostly zeros, [rows, inputs], and the products that read only its active numbers. */
export class ActiveMatrix {
  readonly #rows: number;
  readonly #inputs: number;
  readonly #numbers: Placed;
  readonly #lists: Placed;
  readonly #columns: Placed;
  readonly #graded: Placed;
  readonly #members: Placed;
  readonly #products = new Map<number, ProductRoom>();
  readonly #layout: Layout;
  /** Whether the columns are those of the numbers that were taken last. */
  #hasColumns = false;

  constructor(layout: Layout, rows: number, inputs: number) {
    this.#layout = layout;
    this.#rows = rows;
    this.#inputs = inputs;
    this.#numbers = layout.place(rows * inputs);
    this.#lists = layout.place(rows * this.#slot);
    this.#columns = layout.place(partsOf(rows, CHUNK) * inputs * (1 + CHUNK / 2));
    this.#graded = layout.place(1);
    this.#members = layout.place(MEMBERS.length / 4);
  }

  /** Numbers of a row's list. */
  get #slot(): number {
    return this.#inputs + 8;
  }

  /** Makes room for products with so many outputs, before the memory is made. */
  reserve(outputs: number): void {
    if (this.#products.has(outputs)) return;
    const layout = this.#layout;
    this.#products.set(outputs, {
      outputs,
      weights: layout.place(outputs * this.#inputs),
      sums: layout.place(outputs * this.#rows),
      bias: layout.place(outputs),
      scratch: layout.place(partsOf(outputs, OUTPUTS) * OUTPUTS * (this.#inputs + CHUNK)),
    });
  }

  /** Its numbers, where they lie. */
  numbers(threads: EventThreads): Float32Array {
    return threads.floats(this.#numbers);
  }

  /** Takes the numbers, which may lie there already, and returns the share of those that are not 0. */
  take(threads: EventThreads, numbers: Float32Array): number {
    const own = this.numbers(threads);
    if (numbers.buffer !== own.buffer) own.set(numbers);
    this.#hasColumns = false;
    threads.floats(this.#graded)[0] = 0;
    threads.bytes(this.#members).set(MEMBERS);
    return threads.run('listRows', partsOf(this.#rows, ROWS), this.#operands) / numbers.length;
  }

  /** matrix·weightsᵀ + bias into `sums`: weights [outputs, inputs], bias [outputs] or none, sums [rows, outputs]. */
  multiply(threads: EventThreads, weights: Float32Array, bias: Float32Array | undefined, sums: Float32Array): void {
    const room = this.#roomFor(sums);
    threads.floats(room.weights).set(weights);
    if (bias !== undefined) threads.floats(room.bias).set(bias);
    this.#run(threads, 'addActiveRows', room, bias !== undefined);
    sums.set(threads.floats(room.sums));
  }

  /** sumsᵀ·matrix into `weights`, the gradient of `multiply` where `sums` is that of its sums. */
  gather(threads: EventThreads, sums: Float32Array, weights: Float32Array): void {
    const room = this.#roomFor(sums);
    threads.floats(room.sums).set(sums);
    if (!this.#hasColumns) threads.run('listColumns', partsOf(this.#rows, CHUNK), this.#operands);
    this.#hasColumns = true;
    this.#run(threads, 'addActiveGradients', room, false);
    weights.set(threads.floats(room.weights));
  }

  #roomFor(sums: Float32Array): ProductRoom {
    return this.#products.get(sums.length / this.#rows)!;
  }

  #run(threads: EventThreads, kernel: KernelName, room: ProductRoom, isBiased: boolean): void {
    const { outputs, weights, sums, scratch, bias } = room;
    const others = [weights.address, sums.address, outputs, scratch.address, isBiased ? bias.address : 0];
    threads.run(kernel, partsOf(outputs, OUTPUTS), [...this.#operands, ...others]);
  }

  /** Those that every kernel has. */
  get #operands(): readonly number[] {
    const [matrix, lists, columns] = [this.#numbers, this.#lists, this.#columns];
    const sizes = [this.#rows, this.#inputs];
    return [
      ...[matrix.address, ...sizes, lists.address, this.#slot, this.#graded.address],
      ...[columns.address, this.#members.address],
    ];
  }
}

function partsOf(length: number, size: number): number {
  return Math.ceil(length / size);
}
