import { modelDigest, SpikewireError } from '@spikewire/models';
import type { Host } from '../host/host.ts';
import type { NetShape } from '../session/net-model.ts';
import type { CommandConsole } from './command.ts';
import { openModel } from './model-argument.ts';

type ReloadConsole = Pick<CommandConsole, 'say' | 'warn' | 'signal'>;

/**
 * Replaces the running model by that of a file, read anew whenever somebody asks: one at a time, and once more for all
 * requests that came meanwhile, which a line says. A refused model is one line, and the old one keeps running. Once the
 * console's signal is aborted, nothing more is read or said.
 */
export class ModelReload {
  readonly #path: string;
  readonly #memory: number;
  readonly #console: ReloadConsole;
  #host: Host | undefined;
  #isAsked = false;
  #isBusy = false;

  constructor(path: string, memory: number, console: ReloadConsole) {
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
    if (this.#isBusy) this.#warn(`still reading ${this.#path}; it will be read once more after that`);
    else void this.#work();
  }

  async #work(): Promise<void> {
    if (this.#host === undefined || this.#isBusy) return;
    this.#isBusy = true;
    while (this.#isAsked && !this.#console.signal.aborted) {
      this.#isAsked = false;
      await this.#reload(this.#host).catch((problem: Error) => {
        this.#warn(`${problem.message}; the old model keeps running`);
      });
    }
    this.#isBusy = false;
  }

  #warn(line: string): void {
    if (!this.#console.signal.aborted) this.#console.warn(`spikewire: ${line}`, 'reload');
  }

  async #reload(host: Host): Promise<void> {
    const { bytes, model } = await openModel(this.#path, this.#console, this.#memory, {}, this.#console.signal);
    if (modelDigest(model) === host.digest) return this.#console.say(`model: ${this.#path} runs already`);
    const { shape } = host.pool;
    const prepare = (next: NetShape) => expectSameReadings(next, shape);
    await host.replaceModel({ bytes, name: this.#path }, { prepare });
  }
}

/** Throws `input` where a model takes other readings than the one that runs: none of those that come would fit. */
function expectSameReadings(next: NetShape, former: NetShape): void {
  const [given, expected] = [next, former].map(readingsOf);
  if (given !== expected)
    throw new SpikewireError('input', 'model', `takes ${given}`, `${expected}, as the running model`);
}

function readingsOf({ model, channels }: NetShape): string {
  const named = model.channels.map(({ name, unit }) => (unit === '' ? name : `${name} (${unit})`));
  return [`${channels} ${channels === 1 ? 'number' : 'numbers'} a reading`, ...named].join(', ');
}
