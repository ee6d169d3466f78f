import { elementCount } from '@spikewire/models';
import type { Executable, NumberArrays } from '../backend/backend.ts';
import { type ApartProduct, outputsOf } from '../backend/stages.ts';
import type { Value } from '../graph/value.ts';
import { ActiveMatrix } from './active-matrix.ts';
import { EventThreads, Layout } from './event-threads.ts';

/** Share of active numbers up to which reading them alone is faster than dense products with vectors of 512 bits. */
const MOST_ACTIVE = 0.2;

export interface SparseProductsOptions {
  readonly threads: number;
  nameOf(value: Value): string;
  /** A product as the library does it. */
  openDense(product: ApartProduct): Promise<Executable>;
}

/** A matrix, and what of it is known in the run that is under way. */
interface KnownMatrix {
  readonly matrix: ActiveMatrix;
  /** The product that needs it first. */
  readonly first: ApartProduct;
  isSparse: boolean;
}

/** The products of a program with sparse matrices, in the order of the program; each matrix is looked through once. */
export class SparseProducts {
  readonly #matrices = new Map<Value, KnownMatrix>();
  readonly #dense = new Map<ApartProduct, Promise<Executable>>();
  readonly #threads: EventThreads | undefined;
  readonly #options: SparseProductsOptions;

  constructor(products: readonly ApartProduct[], options: SparseProductsOptions) {
    this.#options = options;
    const layout = new Layout();
    for (const product of products) this.#reserve(layout, product);
    this.#threads = products.length > 0 ? new EventThreads(layout, options.threads) : undefined;
  }

  #reserve(layout: Layout, product: ApartProduct): void {
    const { operands, result } = product;
    const { matrix: value } = operands;
    let known = this.#matrices.get(value);
    if (known === undefined) {
      const [rows, ...shape] = value.shape;
      known = { matrix: new ActiveMatrix(layout, rows!, elementCount(shape)), first: product, isSparse: true };
      this.#matrices.set(value, known);
    }
    known.matrix.reserve(outputsOf(operands, result));
  }

  /** Where matrices lie that are given, by name. */
  get room(): NumberArrays {
    return Object.fromEntries(
      [...this.#matrices].flatMap(([{ origin }, { matrix }]) =>
        typeof origin === 'string' ? [[origin, matrix.numbers(this.#threads!)] as const] : [],
      ),
    );
  }

  /** Does one of the products, over arrays by name. */
  async run(product: ApartProduct, arrays: NumberArrays): Promise<void> {
    const { operands, result } = product;
    const arrayOf = (value: Value) => arrays[this.#options.nameOf(value)]!;
    const known = this.#matrices.get(operands.matrix)!;
    const threads = this.#threads!;
    if (known.first === product) known.isSparse = known.matrix.take(threads, arrayOf(operands.matrix)) <= MOST_ACTIVE;
    if (!known.isSparse) return (await this.#denseOf(product)).run(arrays, arrays);
    if (operands.kind === 'gather') known.matrix.gather(threads, arrayOf(operands.sums), arrayOf(result));
    else {
      const bias = operands.bias && arrayOf(operands.bias);
      known.matrix.multiply(threads, arrayOf(operands.weights), bias, arrayOf(result));
    }
  }

  #denseOf(product: ApartProduct): Promise<Executable> {
    const known = this.#dense.get(product) ?? this.#options.openDense(product);
    this.#dense.set(product, known);
    return known;
  }

  async close(): Promise<void> {
    await this.#threads?.close();
    for (const session of this.#dense.values()) await (await session).close();
  }
}
