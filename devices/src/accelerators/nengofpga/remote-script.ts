import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { SpikewireError } from '@spikewire/models';
import type { BoardSettings } from './settings.ts';

/** Lines of the script that are kept to tell why it ended. */
const KEPT_LINES = 20;
const KEPT_CHARACTERS = 200;
/** Time for the script to end by itself, in milliseconds. */
const ENDING_MS = 2000;

/**
 * A script that runs on the board, started by the system's `ssh` with the user's own keys. ssh checks the host key, and
 * asks for nothing (BatchMode). A user other than root needs `sudo` without a password, as the vendor's manual sets it
 * up.
 */
export class RemoteScript {
  /** Called once, with the reason, when the script has ended, or said that it failed. */
  onEnd: (problem: string) => void = () => {};
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #lines: string[] = [];
  /** Until ssh has ended. */
  readonly #over: Promise<void>;
  #isOver = false;
  #problem: string | undefined;

  constructor(settings: BoardSettings, command: readonly string[]) {
    const sudo = settings.user === 'root' ? [] : ['sudo', '-n'];
    const line = [...sudo, ...command].map(quoted).join(' ');
    const words = [...sharedWords(settings), '-T', '-p', String(settings.sshPort), nameOf(settings), line];
    this.#child = spawn('ssh', words, { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) eachLine(stream, (said) => this.#hear(said));
    this.#over = new Promise<void>((resolve) => {
      this.#child.once('error', ({ code }: NodeJS.ErrnoException) => {
        this.#end(`cannot be started, because ssh cannot (${code})`);
        resolve();
      });
      this.#child.once('exit', () => resolve());
    }).then(() => {
      this.#isOver = true;
    });
    // Its last line has come by then.
    this.#child.once('close', (code, signal) => {
      const last = this.#lines.at(-1);
      this.#end(`has ended (${signal ?? code})${last === undefined ? '' : `: ${last}`}`);
    });
  }

  /** Why it has ended; undefined: it runs. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Asks it to end by `ask` until it does, or its time is over; then nobody listens to it any more. */
  async stop(ask: () => void = () => {}): Promise<void> {
    const until = performance.now() + ENDING_MS;
    while (!this.#isOver && performance.now() < until) {
      ask();
      await Promise.race([this.#over, sleep(50)]);
    }
    if (!this.#isOver) this.#child.kill('SIGKILL');
    await this.#over;
    this.#child.stdout.destroy();
    this.#child.stderr.destroy();
  }

  /** The vendor's host takes these words as the end (nengo-fpga e0bd838). What follows `Traceback` says more. */
  #hear(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > KEPT_LINES) this.#lines.shift();
    if (line.startsWith('Killed')) this.#end('was killed');
    const at = this.#lines.findIndex((each) => each.startsWith('Traceback'));
    const said = at < 0 ? undefined : this.#lines.slice(at + 1).find((each) => /^\S/.test(each));
    if (said !== undefined) this.#end(`has failed: ${said}`);
  }

  #end(problem: string): void {
    if (this.#problem !== undefined) return;
    this.#problem = problem;
    this.onEnd(problem);
  }
}

/** The lines of a stream, each cut to `KEPT_CHARACTERS`, so that nothing grows with what somebody writes. */
function eachLine(stream: Readable, hear: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('latin1').on('data', (text: string) => {
    const lines = (rest + text).split(/[\r\n]+/);
    rest = lines.pop()!.slice(0, KEPT_CHARACTERS);
    for (const line of lines) if (line !== '') hear(line.slice(0, KEPT_CHARACTERS));
  });
}

/** Copies a file to the board by the system's `sftp`. Rejects with `unsupported`, and what sftp said last. */
export async function sendFile(
  name: string,
  settings: BoardSettings,
  remote: string,
  content: Uint8Array,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'spikewire-nengofpga-'));
  try {
    const local = join(folder, 'parameters.npz');
    await writeFile(local, content);
    const words = [...sharedWords(settings), '-b', '-', '-P', String(settings.sshPort), nameOf(settings)];
    await runSftp(name, words, `put ${inBatch(local)} ${inBatch(remote)}\n`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function runSftp(name: string, words: readonly string[], batch: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('sftp', words, { stdio: ['pipe', 'ignore', 'pipe'] });
    let last = '';
    eachLine(child.stderr, (line) => {
      last = line;
    });
    const fail = (problem: string) =>
      reject(new SpikewireError('unsupported', name, `takes no file: ${problem}`, 'a board with ssh'));
    child.once('error', ({ code }: NodeJS.ErrnoException) => fail(`sftp cannot be started (${code})`));
    child.once('close', (code) => (code === 0 ? resolve() : fail(last || `sftp ended with ${code}`)));
    child.stdin.on('error', () => {});
    child.stdin.end(batch);
  });
}

const nameOf = ({ user, host }: BoardSettings) => `${user}@${host}`;

function sharedWords({ key }: BoardSettings): string[] {
  const options = ['BatchMode=yes', 'ConnectTimeout=10', 'ServerAliveInterval=5', 'ServerAliveCountMax=3'];
  return [...options.flatMap((option) => ['-o', option]), ...(key === undefined ? [] : ['-i', key])];
}

/** For the shell of the board. */
const quoted = (word: string) => `'${word.replaceAll("'", String.raw`'\''`)}'`;

/** For a batch of sftp. */
const inBatch = (path: string) => `"${path.replaceAll(/["\\*?[]/g, String.raw`\$&`)}"`;
