/** Whole exponents up to this are kept ready where all neurons of a population decay alike. */
const KEPT = 512;

/** α^k for the decay factors of a population, 0 ≤ α ≤ 1, and 1 − α^k; k whole or real. */
export class Powers {
  readonly bytes: number;
  /** 1 − α^0, 1 − α^1, … where α is one for all; otherwise only the first of them. */
  readonly decays: Float64Array;
  readonly #logarithms: Float64Array;

  constructor(factors: Float64Array) {
    this.#logarithms = factors.map(Math.log);
    const [factor] = factors;
    const alike = factors.every((other) => other === factor);
    this.decays = Float64Array.from({ length: alike ? KEPT : 1 }, (_, k) => this.#shareOf(0, k));
    this.bytes = this.#logarithms.byteLength + this.decays.byteLength;
  }

  /** α^k of neuron i. */
  of(i: number, k: number): number {
    return k === 0 ? 1 : Math.exp(k * this.#logarithms[i]!);
  }

  /**
   * 1 − α^k of neuron i: the share of the way to where it settles that it has gone; exact for the slowest decay too.
   */
  shareOf(i: number, k: number): number {
    return k < this.decays.length && k === (k | 0) ? this.decays[k]! : this.#shareOf(i, k);
  }

  /** ln α of neuron i, −Infinity for a factor of 0. */
  logarithm(i: number): number {
    return this.#logarithms[i]!;
  }

  #shareOf(i: number, k: number): number {
    return k === 0 ? 0 : -Math.expm1(k * this.#logarithms[i]!);
  }
}
