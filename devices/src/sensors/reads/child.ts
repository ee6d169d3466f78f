import { type ChildProcess, spawn } from 'node:child_process';
import { SpikewireError } from '@spikewire/models';

/** Characters of what a program says that are kept. */
const MOST_SAID = 2000;
/** Milliseconds until a program that does not end when it is asked to is ended. */
const PATIENCE = 2000;

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
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'], env });
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
  if (end instanceof Error) {
    const isAbsent = (end as NodeJS.ErrnoException).code === 'ENOENT';
    if (!isAbsent) return new SpikewireError('input', address, `${program} cannot be started (${end.message})`);
    return new SpikewireError('unsupported', address, `needs ${program}`, `sudo apt install ${packaged}`);
  }
  const isSaid = typeof end === 'number' && end > 0 && said !== '';
  const last = isSaid ? said.split('\n').at(-1)! : `${program} ended with ${end}`;
  return new SpikewireError('input', address, last, mends.find(([pattern]) => pattern.test(said))?.[1]);
}
