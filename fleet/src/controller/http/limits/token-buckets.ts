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

interface Bucket {
  tokens: number;
  filled: number;
}

/** How often somebody may do something: a bucket of tokens for each, which fills up again. */
export class TokenBuckets {
  readonly #options: Required<TokenBucketsOptions>;
  /** The longest unused first. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(options: TokenBucketsOptions) {
    this.#options = { clock: () => performance.now(), ...options };
  }

  get size(): number {
    return this.#buckets.size;
  }

  /** Takes a token, and returns 0; or the seconds until there is one. */
  take(key: string): number {
    const { burst, perSecond, clock } = this.#options;
    const now = clock();
    const { tokens, filled } = this.#buckets.get(key) ?? { tokens: burst, filled: now };
    const present = Math.min(burst, tokens + ((now - filled) / 1000) * perSecond);
    const isAllowed = present >= 1;
    this.#keep(key, { tokens: isAllowed ? present - 1 : present, filled: now });
    return isAllowed ? 0 : (1 - present) / perSecond;
  }

  #keep(key: string, bucket: Bucket): void {
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    if (this.#buckets.size <= this.#options.most) return;
    for (const oldest of this.#buckets.keys()) {
      this.#buckets.delete(oldest);
      return;
    }
  }
}
