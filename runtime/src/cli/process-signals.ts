import { isatty } from 'node:tty';
import { SpikewireError } from '@spikewire/models';

const NAMES = ['SIGINT', 'SIGTERM'] as const;

/** Signals of the process, heard from now on: the first asks to finish; a second one ends the process at once. */
export class ProcessSignals {
  readonly #controller = new AbortController();

  constructor() {
    this.#listen();
  }

  get aborted(): AbortSignal {
    return this.#controller.signal;
  }

  /** Calls the listener at each SIGHUP; one in a terminal says that the terminal is gone, and asks to finish. */
  onHangUp(listener: () => void): void {
    process.on('SIGHUP', isatty(0) ? this.#hear : listener);
  }

  /** Leaves signals to the system while some work goes on: they end the process. */
  async ignoreSignalsDuring<T>(work: () => Promise<T>): Promise<T> {
    for (const name of NAMES) process.off(name, this.#hear);
    try {
      return await work();
    } finally {
      this.#listen();
    }
  }

  #listen(): void {
    for (const name of NAMES) process.on(name, this.#hear);
  }

  readonly #hear = (name: NodeJS.Signals): void => {
    if (this.aborted.aborted) process.exit(1);
    this.#controller.abort(new SpikewireError('input', 'spikewire', `stopped by ${name}`));
  };
}
