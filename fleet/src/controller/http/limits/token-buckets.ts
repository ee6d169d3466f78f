export interface TokenBucketsOptions {
  /** Requests that may come at once. */
  readonly burst: number;
  /** Requests a second after that. */
  readonly perSecond: number;
  /** Buckets that are kept; of more, those go that were not used for longest. */
  readonly most: number;
  /** Milliseconds; they never go back. */
  readonly clock?: () => number;
}

/** How often somebody may do something: a bucket of tokens for each, which fills up again. */
export class TokenBuckets {
  readonly #options: Required<TokenBucketsOptions>;
  /** When each bucket is full again, which says how many tokens it has. The longest unused are first. */
  readonly #fullAt = new Map<string, number>();

  constructor(options: TokenBucketsOptions) {
    this.#options = { clock: () => performance.now(), ...options };
  }

  get size(): number {
    return this.#fullAt.size;
  }

  /** Takes a token, and returns 0; or the seconds until there is one. */
  take(key: string): number {
    const { burst, perSecond, clock } = this.#options;
    const now = clock();
    const ofToken = 1000 / perSecond;
    const fullAt = Math.max(now, this.#fullAt.get(key) ?? now);
    const wait = fullAt - now - (burst - 1) * ofToken;
    this.#keep(key, wait > 0 ? fullAt : fullAt + ofToken);
    return Math.max(0, wait / 1000);
  }

  #keep(key: string, fullAt: number): void {
    this.#fullAt.delete(key);
    this.#fullAt.set(key, fullAt);
    if (this.#fullAt.size <= this.#options.most) return;
    const [oldest] = this.#fullAt.keys();
    this.#fullAt.delete(oldest!);
  }
}
