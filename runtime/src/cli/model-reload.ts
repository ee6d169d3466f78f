import { modelDigest, SpikewireError } from '@spikewire/models';
import type { Host } from '../host/host.ts';
import type { NetShape } from '../session/net-model.ts';
import type { CommandConsole } from './command.ts';
import { openModel } from './model-argument.ts';

/**
 * Lets the model in a file, as it is by then, take the place of the one that runs, whenever somebody asks: one at a time,
 * and once more for all who asked meanwhile. A model that is refused is a line, and the former one runs on.
 */
export class ModelReload {
  readonly #path: string;
  readonly #memory: number;
  readonly #console: Pick<CommandConsole, 'say' | 'warn'>;
  #host: Host | undefined;
  #isAsked = false;
  #isBusy = false;

  constructor(path: string, memory: number, console: Pick<CommandConsole, 'say' | 'warn'>) {
    this.#path = path;
    this.#memory = memory;
    this.#console = console;
  }

  /** What was asked for before is done now. */
  begin(host: Host): void {
    this.#host = host;
    void this.#work();
  }

  ask(): void {
    this.#isAsked = true;
    void this.#work();
  }

  async #work(): Promise<void> {
    if (this.#host === undefined || this.#isBusy) return;
    this.#isBusy = true;
    while (this.#isAsked) {
      this.#isAsked = false;
      await this.#reload(this.#host).catch((problem: Error) => {
        this.#console.warn(`spikewire: ${problem.message}; the former model runs on`, 'reload');
      });
    }
    this.#isBusy = false;
  }

  async #reload(host: Host): Promise<void> {
    const { bytes, model } = await openModel(this.#path, this.#console, this.#memory);
    if (modelDigest(model) === host.digest) return this.#console.say(`model: ${this.#path} is the one that runs`);
    const { shape } = host.pool;
    await host.replaceModel({ bytes, name: this.#path }, (next) => expectSameReadings(next, shape));
  }
}

/** Throws `input` where a model takes other readings than the one that runs: none of those that come would fit. */
function expectSameReadings(next: NetShape, former: NetShape): void {
  const [given, expected] = [next, former].map(readingsOf);
  if (given !== expected)
    throw new SpikewireError('input', 'model', `takes ${given}`, `${expected}, as the one that runs`);
}

function readingsOf({ model, channels }: NetShape): string {
  const named = model.channels.map(({ name, unit }) => (unit === '' ? name : `${name} (${unit})`));
  return [`${channels} ${channels === 1 ? 'number' : 'numbers'} a reading`, ...named].join(', ');
}
