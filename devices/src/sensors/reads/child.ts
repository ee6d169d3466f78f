import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { SpikewireError } from '@spikewire/models';

/** Characters of what a program says that are kept. */
const MOST_SAID = 2000;
/** Milliseconds until a program that does not end when it is asked to is ended. */
const PATIENCE = 2000;

/**
 * Of util-linux: has the kernel end the program when this process is killed, lest it keep a device that the next start
 * needs.
 */
const LEASH = ['/usr/bin/setpriv', '--pdeathsig', 'TERM', '--'];

/** What mends a failure, where the program says what fits. */
export type Mend = readonly [said: RegExp, mend: string];

export interface ChildProgram {
  readonly program: string;
  /** The package of Debian that has it. */
  readonly packaged: string;
  readonly words: readonly string[];
  readonly mends?: readonly Mend[];
  /** Whether it ends by itself when all is well. */
  readonly ends?: boolean;
  /** Told of what the program says on stderr. */
  readonly onSaid?: (text: string) => void;
}

/**
 * What a program writes, in English, until the signal, which ends the program; so does whoever takes no more. Throws
 * `input` with its last line when it ends by itself, and `unsupported` with what to install where there is none.
 */
export async function* outputOf(address: string, options: ChildProgram, signal: AbortSignal): AsyncGenerator<Buffer> {
  const { program, words, onSaid } = options;
  if (signal.aborted) return;
  const env = { ...process.env, LC_ALL: 'C' };
  const [first, ...others] = [...(existsSync(LEASH[0]!) ? LEASH : []), program, ...words];
  const child = spawn(first!, others, { stdio: ['ignore', 'pipe', 'pipe'], env });
  const ended = endOf(child);
  const stop = () => {
    // Programs that it has started may hold them open for ever.
    child.stdout.destroy();
    child.stderr.destroy();
    stopped(child);
  };
  signal.addEventListener('abort', stop, { once: true });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-MOST_SAID);
    onSaid?.(text);
  });
  try {
    for await (const piece of child.stdout) yield piece as Buffer;
    const end = await ended;
    if (!signal.aborted && !(options.ends && end === 0)) throw problemOf(address, options, end, said.trim());
  } catch (problem) {
    if (!signal.aborted) throw problem;
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
    await ended;
  }
}

function stopped(child: ChildProcess): void {
  if (!child.kill('SIGTERM')) return;
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
  child.once('exit', () => clearTimeout(timer));
}

/** The exit code, a signal's name, or why it could not be started. */
function endOf(child: ChildProcess): Promise<number | string | Error> {
  return new Promise((resolve) => {
    child.once('error', resolve);
    child.once('close', (code, signal) => resolve(code ?? signal ?? 0));
  });
}

function problemOf(
  address: string,
  { program, packaged, mends = [] }: ChildProgram,
  end: number | string | Error,
  said: string,
): SpikewireError {
  if (isAbsent(end, said)) {
    return new SpikewireError('unsupported', address, `needs ${program}`, `sudo apt install ${packaged}`);
  }
  if (end instanceof Error) {
    return new SpikewireError('input', address, `${program} cannot be started (${end.message})`);
  }
  const isSaid = typeof end === 'number' && end > 0 && said !== '';
  const last = isSaid ? said.split('\n').at(-1)! : `${program} ended with ${end}`;
  return new SpikewireError('input', address, last, mends.find(([pattern]) => pattern.test(said))?.[1]);
}

function isAbsent(end: number | string | Error, said: string): boolean {
  if (end instanceof Error) return (end as NodeJS.ErrnoException).code === 'ENOENT';
  return end === 127 && said.startsWith('setpriv: ');
}
