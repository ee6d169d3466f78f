import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { SpikewireError } from '@spikewire/models';

const PATIENCE_MS = 10_000;
/** The last lines of its output are kept, so that an error can quote them. */
const LINES = 20;

/** A command of spikewire in a process of its own. */
export class SpikewireProcess {
  readonly #child: ChildProcess;
  readonly #name: string;
  readonly #lines: string[] = [];
  readonly #hasEnded: Promise<void>;

  constructor(name: string, args: readonly string[]) {
    const main = join(createRequire(import.meta.url).resolve('spikewire/package.json'), '../bin/spikewire.js');
    this.#name = name;
    this.#child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
      createInterface({ input: stream }).on('line', (line) => {
        this.#lines.push(line);
        if (this.#lines.length > LINES) this.#lines.shift();
      });
    }
    this.#hasEnded = once(this.#child, 'exit').then(() => undefined);
  }

  /** Rejects where the process has ended. */
  expectRunning(): void {
    if (this.#child.exitCode === null && this.#child.signalCode === null) return;
    throw new SpikewireError('unsupported', this.#name, `has ended: ${this.#lines.join('; ')}`);
  }

  /** Ends it; kills it where that takes long. */
  async close(): Promise<void> {
    const late = setTimeout(() => this.#child.kill('SIGKILL'), PATIENCE_MS);
    this.#child.kill('SIGTERM');
    if (this.#child.exitCode === null && this.#child.signalCode === null) await this.#hasEnded;
    clearTimeout(late);
  }
}
