import type { SweepProgress, TakenTrial, TrialOutcome, TrialQueue } from 'spikewire/trials';

/** The trials of a sweep in this process alone, each of which is tried once. */
export class LocalQueue implements TrialQueue {
  readonly #waiting: number[];
  readonly #signal: AbortSignal;
  readonly #outcomes: TrialOutcome[] = [];
  #running = 0;

  /** @param trials their number */
  constructor(trials: number, signal: AbortSignal) {
    this.#waiting = Array.from({ length: trials }, (_, k) => k + 1);
    this.#signal = signal;
  }

  async take(): Promise<TakenTrial | undefined> {
    const number = this.#signal.aborted ? undefined : this.#waiting.shift();
    if (number === undefined) return undefined;
    this.#running++;
    return {
      number,
      lost: NEVER,
      finish: async (out, { figures, problem }) => {
        this.#running--;
        this.#outcomes.push({ number, out, ...(figures && { figures }), ...(problem !== undefined && { problem }) });
      },
      release: async () => {
        this.#running--;
        this.#waiting.push(number);
      },
    };
  }

  async progress(): Promise<SweepProgress> {
    const failed = this.#outcomes.filter(({ problem }) => problem !== undefined).length;
    return { done: this.#outcomes.length - failed, failed, running: this.#running, machines: 1 };
  }

  async outcomes(): Promise<readonly TrialOutcome[]> {
    return this.#outcomes.toSorted((a, b) => a.number - b.number);
  }

  /** Their files are here. */
  async model(): Promise<undefined> {}

  async close(): Promise<void> {}
}

const NEVER = new AbortController().signal;
