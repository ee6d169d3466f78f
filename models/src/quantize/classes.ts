/** Sorts 0 … size−1 into classes by joining pairs (union-find); `classes` numbers them from 0. */
export class Joiner {
  readonly #parent: Int32Array;

  constructor(size: number) {
    this.#parent = Int32Array.from({ length: size }, (_, i) => i);
  }

  join(a: number, b: number): void {
    this.#parent[this.#root(a)] = this.#root(b);
  }

  classes(): { of: Int32Array; count: number } {
    const number = new Map<number, number>();
    const of = this.#parent.map((_, i) => {
      const root = this.#root(i);
      if (!number.has(root)) number.set(root, number.size);
      return number.get(root)!;
    });
    return { of, count: number.size };
  }

  #root(i: number): number {
    let root = i;
    while (this.#parent[root] !== root) root = this.#parent[root]!;
    for (let at = i; at !== root; ) {
      const next = this.#parent[at]!;
      this.#parent[at] = root;
      at = next;
    }
    return root;
  }
}
