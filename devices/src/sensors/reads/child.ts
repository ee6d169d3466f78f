import { type ChildProcess, spawn } from 'node:child_process';
import { SpikewireError } from '@spikewire/models';
import { joinGroup } from './problem.ts';

/** Characters of what a program says that are kept. */
const MOST_SAID = 2000;

export interface ChildOptions {
  readonly program: string;
  /** The package of Debian that has it. */
  readonly packaged: string;
  readonly words: readonly string[];
  /** The group whose members may use the device. */
  readonly group: string;
  /** Whether it ends by itself when all is well. */
  readonly ends?: boolean;
  /** Told of what the program says on stderr. */
  readonly onSaid?: (text: string) => void;
}

/**
 * What a program writes, until the signal, which ends the program. Throws `input` with its last line when it ends by
 * itself, and with what to install where there is none.
 */
export async function* outputOf(address: string, options: ChildOptions, signal: AbortSignal): AsyncGenerator<Buffer> {
  const { program, words, onSaid } = options;
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = endOf(child);
  const stop = () => child.kill('SIGTERM');
  signal.addEventListener('abort', stop, { once: true });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-MOST_SAID);
    onSaid?.(text);
  });
  try {
    if (signal.aborted) return;
    for await (const piece of child.stdout) yield piece as Buffer;
    const end = await ended;
    if (!signal.aborted && !(options.ends && end === 0)) throw problemOf(address, options, end, said.trim());
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
    await ended;
  }
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
  { program, packaged, group }: ChildOptions,
  end: number | string | Error,
  said: string,
): SpikewireError {
  if (end instanceof Error) {
    const isAbsent = (end as NodeJS.ErrnoException).code === 'ENOENT';
    if (!isAbsent) return new SpikewireError('input', address, `${program} cannot be started (${end.message})`);
    return new SpikewireError('unsupported', address, `needs ${program}`, `sudo apt install ${packaged}`);
  }
  const last = said.split('\n').at(-1) || `ended with ${end}`;
  const isForbidden = /permission denied|not permitted/i.test(said);
  return new SpikewireError('input', address, last, isForbidden ? joinGroup(group) : undefined);
}
