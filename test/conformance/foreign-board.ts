import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { SpikewireError } from '@spikewire/models';
import type { Abilities, AcceleratorDriver, ExecutorSource } from 'spikewire/accelerators';
import { openForeignNet } from './foreign-net.ts';

const PROGRAM = fileURLToPath(new URL('./foreign-board.mjs', import.meta.url));

/** One dense layer of leaky neurons, of any width of membrane, that learns nothing. */
const abilities: Abilities = {
  neurons: 32,
  synapses: 1024,
  populations: 1,
  fanIn: 32,
  fanOut: 32,
  longestDelay: 0,
  weightBits: [8, 4],
  membraneBits: [32, 16],
  kinds: ['Linear', 'LIF'],
  semantics: { spikesPerStep: ['one'] },
  parameters: { LIF: { v_min: { absent: true } } },
  rules: [],
  runs: 'windows',
};

/** The driver of a board that is a process behind a pipe, with its own arithmetic: `foreign-board.mjs`. */
export class ForeignBoard implements AcceleratorDriver {
  readonly scheme = 'foreign';
  readonly summary = 'a process of tests';
  readonly abilities: Abilities;
  /** The process that was started last. */
  process: ChildProcessByStdio<Writable, Readable, null> | undefined;

  /** @param nets most nets that it holds at a time */
  constructor(nets = 64) {
    this.abilities = { ...abilities, nets };
  }

  async list() {
    return [{ address: 'foreign:0', name: 'process of tests', abilities: this.abilities }];
  }

  async open(rest: string): Promise<ExecutorSource> {
    const source = { name: `foreign ${rest}`, abilities: this.abilities };
    this.process = spawn(process.execPath, [PROGRAM, String(this.abilities.nets)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const line = new BoardLine(source.name, this.process);
    let nets = 0;
    return {
      ...source,
      open: (bytes) => openForeignNet(source, (request) => line.ask(request), nets++, bytes),
      close: () => line.close(),
    };
  }
}

interface Waiting {
  resolve(answer: unknown): void;
  reject(problem: SpikewireError): void;
}

/** Requests to the process, each a line, and the answers in their order. */
class BoardLine {
  readonly #name: string;
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #waiting: Waiting[] = [];
  readonly #ended: Promise<void>;
  #isGone = false;

  constructor(name: string, child: ChildProcessByStdio<Writable, Readable, null>) {
    this.#name = name;
    this.#process = child;
    child.stdin.on('error', () => {}); // whoever waits for an answer is told when the process ends
    createInterface({ input: child.stdout }).on('line', (line) => this.#answer(JSON.parse(line)));
    this.#ended = new Promise((resolve) => {
      child.once('close', () => {
        this.#isGone = true;
        for (const { reject } of this.#waiting.splice(0)) reject(this.#gone());
        resolve();
      });
    });
  }

  ask(request: object): Promise<unknown> {
    if (this.#isGone) return Promise.reject(this.#gone());
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#process.stdin.write(`${JSON.stringify(request)}\n`);
    });
  }

  async close(): Promise<void> {
    this.#process.stdin.end();
    await this.#ended;
  }

  #answer({ ok, error }: { readonly ok?: unknown; readonly error?: string }): void {
    const { resolve, reject } = this.#waiting.shift()!;
    if (error === undefined) resolve(ok);
    else reject(new SpikewireError('unsupported', this.#name, `answers: ${error}`, 'what its driver declares'));
  }

  #gone(): SpikewireError {
    return new SpikewireError('unsupported', this.#name, 'does not answer', 'a board that is attached');
  }
}
