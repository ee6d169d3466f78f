import { ActiveMatrix } from '../events/active-matrix.ts';
import { EventThreads, Layout } from '../events/event-threads.ts';
import type { Executable, NumberArrays } from './backend.ts';
import { openSession } from './onnx-session.ts';
import type { NamedProduct } from './staged-model.ts';

/** Share of active numbers up to which reading them alone is faster than dense products with vectors of 512 bits. */
const MOST_ACTIVE = 0.2;

/** A matrix, and what of it is known in the run that is under way. */
interface KnownMatrix {
  readonly matrix: ActiveMatrix;
  /** The product that needs it first. */
  readonly first: NamedProduct;
  isSparse: boolean;
}

/** The products of a program with sparse matrices, in the order of the program; each matrix is looked through once. */
export class SparseProducts {
  readonly #matrices = new Map<string, KnownMatrix>();
  readonly #dense = new Map<NamedProduct, Promise<Executable>>();
  readonly #threads: EventThreads | undefined;
  readonly #count: number;

  constructor(products: readonly NamedProduct[], threads: number) {
    this.#count = threads;
    const layout = new Layout();
    for (const product of products) this.#reserve(layout, product);
    this.#threads = products.length > 0 ? new EventThreads(layout, threads) : undefined;
  }

  #reserve(layout: Layout, product: NamedProduct): void {
    const { matrix: name, rows, inputs, outputs } = product;
    let known = this.#matrices.get(name);
    if (known === undefined) {
      known = { matrix: new ActiveMatrix(layout, rows, inputs), first: product, isSparse: true };
      this.#matrices.set(name, known);
    }
    known.matrix.reserve(outputs);
  }

  /** Where matrices lie that are given, by name. */
  get room(): NumberArrays {
    const given = [...this.#matrices].filter(([, { first }]) => first.isGiven);
    return Object.fromEntries(given.map(([name, { matrix }]) => [name, matrix.numbers(this.#threads!)]));
  }

  /** Does one of the products, over arrays by name. */
  async run(product: NamedProduct, arrays: NumberArrays): Promise<void> {
    const { kind, matrix: name, factor, bias, result } = product;
    const known = this.#matrices.get(name)!;
    const threads = this.#threads!;
    if (known.first === product) known.isSparse = known.matrix.take(threads, arrays[name]!) <= MOST_ACTIVE;
    if (!known.isSparse) return (await this.#denseOf(product)).run(arrays, arrays);
    if (kind === 'gather') known.matrix.gather(threads, arrays[factor]!, arrays[result]!);
    else
      known.matrix.multiply(threads, arrays[factor]!, bias === undefined ? undefined : arrays[bias], arrays[result]!);
  }

  #denseOf(product: NamedProduct): Promise<Executable> {
    const known = this.#dense.get(product) ?? openSession(product.dense, this.#count);
    this.#dense.set(product, known);
    return known;
  }

  async close(): Promise<void> {
    await this.#threads?.close();
    for (const session of this.#dense.values()) await (await session).close();
  }
}
