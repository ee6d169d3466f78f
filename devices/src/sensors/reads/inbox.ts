import type { SampleBlock } from 'spikewire/sensors';

/** Blocks that wait at most; they are taken at once, so that more come together only in a burst. */
const MOST = 4096;

/** What is pushed from outside, for a loop that waits for it. */
export class SampleInbox {
  readonly #blocks: SampleBlock[] = [];
  #wake: () => void = () => {};

  /** Whether there was room for it. */
  push(block: SampleBlock): boolean {
    if (this.#blocks.length >= MOST) return false;
    this.#blocks.push(block);
    this.#wake();
    return true;
  }

  async *taken(signal: AbortSignal): AsyncGenerator<SampleBlock> {
    const stop = () => this.#wake();
    signal.addEventListener('abort', stop);
    try {
      while (!signal.aborted) {
        while (this.#blocks.length > 0) yield this.#blocks.shift()!;
        if (signal.aborted) return;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }
}
