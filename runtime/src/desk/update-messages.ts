import type { Updates, UpdatesStatus } from './updates.ts';

const LOOK_MS = 1000;
/** Looks after which counts alone are worth a message. */
const COUNTS_LOOKS = 60;

export interface UpdateMessagesOptions {
  readonly updates: Updates;
  /** Resolves when the broker has the document, or the link has dropped it. */
  readonly publish: (document: object, retain: boolean) => Promise<void>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * Tells where the updates of a process stand, by a retained message: at once where something has happened, and once a
 * minute where only counts have changed, because a trial counts with each reading.
 */
export class UpdateMessages {
  readonly #options: UpdateMessagesOptions;
  readonly #looking: NodeJS.Timeout;
  #told: { readonly happened: string; readonly all: string } | undefined;
  #looks = 0;

  constructor(options: UpdateMessagesOptions) {
    this.#options = options;
    this.#looking = setInterval(() => this.look(), LOOK_MS).unref();
  }

  /** Tells what has changed. */
  look(): void {
    const status = this.#options.updates.status();
    if (status === undefined) return;
    const [happened, all] = [JSON.stringify(happenedIn(status)), JSON.stringify(status)];
    this.#looks++;
    const isDue = this.#looks >= COUNTS_LOOKS && all !== this.#told?.all;
    if (happened === this.#told?.happened && !isDue) return;
    this.#told = { happened, all };
    this.#looks = 0;
    void this.#publish(status, true);
  }

  /** Tells all again: a broker may have forgotten. */
  tellAgain(): void {
    this.#told = undefined;
    this.look();
  }

  /** Answers a command; the broker keeps only what is so without it. */
  async answer(command: object): Promise<void> {
    const status = this.#options.updates.status();
    await this.#publish({ ...command, ...status }, false);
    this.look();
  }

  #publish(document: object, retain: boolean): Promise<void> {
    return this.#options.publish({ t: this.#options.now(), ...document }, retain);
  }

  close(): void {
    clearInterval(this.#looking);
  }
}

/** What is more than a count. */
function happenedIn({ state, current, former, candidate, trial, questions, refused, pinned, problem }: UpdatesStatus) {
  return {
    ...{ state, current, former, candidate, refused, pinned, problem },
    ended: trial.map(({ ended }) => ended),
    held: trial.map(({ held }) => held.length > 0),
    questions: questions.map(({ id }) => id),
  };
}
