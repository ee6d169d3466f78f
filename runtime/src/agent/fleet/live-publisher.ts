import type { LiveValues } from './live.ts';
import { MOST_REPORTED_MACHINES } from './report.ts';

/** How long a look holds. */
const LOOK_MILLISECONDS = 15_000;
/** Between two publications of a machine. */
const PAUSE_MILLISECONDS = 1000;

export interface LivePublisherOptions {
  /** By machine; asked for only while somebody looks. */
  readonly values: () => ReadonlyMap<string, LiveValues>;
  readonly publish: (machine: string, message: string) => void;
}

/**
 * Publishes the live values of machines once a second for 15 s after each look. At other times it does nothing.
 */
export class LivePublisher {
  readonly #options: LivePublisherOptions;
  #lookUntil = Number.NEGATIVE_INFINITY;
  /** Runs for a second after each publication, also the last one. */
  #timer: NodeJS.Timeout | undefined;

  constructor(options: LivePublisherOptions) {
    this.#options = options;
  }

  /** Somebody looks at the device; to be called again within 15 s for as long as that is so. */
  look(): void {
    this.#lookUntil = performance.now() + LOOK_MILLISECONDS;
    this.#timer ??= this.#publishIn(0);
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #publishIn(milliseconds: number): NodeJS.Timeout {
    return setTimeout(() => this.#publish(), milliseconds).unref();
  }

  #publish(): void {
    this.#timer = undefined;
    if (performance.now() >= this.#lookUntil) return;
    const machines = [...this.#options.values()].slice(0, MOST_REPORTED_MACHINES);
    for (const [machine, values] of machines) this.#options.publish(machine, JSON.stringify(values));
    this.#timer = this.#publishIn(PAUSE_MILLISECONDS);
  }
}
