import type { SampleBlock } from 'spikewire/sensors';

/** Blocks that wait at most; they are taken at once, so that more come together only in a burst. */
const MOST = 4096;

/** What is pushed from outside, for a loop that waits for it. */
export class SampleInbox {
  readonly #blocks: SampleBlock[] = [];
  #missed = 0;
  #wake: () => void = () => {};

  /** Whether there was room for them; where there was not, all are left out, and counted. */
  push(...blocks: readonly SampleBlock[]): boolean {
    const fits = this.#blocks.length + blocks.length <= MOST;
    if (fits) this.#blocks.push(...blocks);
    else this.#missed += blocks.length;
    this.#wake();
    return fits;
  }

  /** Counts and tells what kept samples from coming. */
  tell(problem: string): void {
    if (this.#blocks.length < MOST) this.#blocks.push(without(problem));
    this.#wake();
  }

  async *taken(signal: AbortSignal): AsyncGenerator<SampleBlock> {
    const stop = () => this.#wake();
    signal.addEventListener('abort', stop);
    try {
      while (!signal.aborted) {
        while (this.#blocks.length > 0) yield this.#blocks.shift()!;
        if (this.#missed > 0) yield without(`${this.#takeMissed()} samples came in a burst too large to be taken`);
        else if (signal.aborted) return;
        else {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
      }
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  #takeMissed(): number {
    const missed = this.#missed;
    this.#missed = 0;
    return missed;
  }
}

const none = new Float64Array(0);

const without = (problem: string): SampleBlock => ({ origin: 0, times: none, values: none, problem });
