import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../runtime/bin/spikewire.js', import.meta.url));

/** A running `spikewire` command line, with what it has said so far. */
export interface RunningCommand {
  readonly process: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** Resolves when a line of stdout or stderr matches; rejects when the command ends before that. */
  says(pattern: RegExp): Promise<void>;
  /**
   * The exit code, or null where a signal ended it; rejects where Node warned of something on stderr, which is never
   * the user's business.
   */
  readonly ended: Promise<number | null>;
}

/** Starts the built command as a user would, with more in its environment. */
export function startCommand(
  words: readonly string[],
  folder?: string,
  environment: NodeJS.ProcessEnv = {},
): RunningCommand {
  const child = spawn(process.execPath, [MAIN, ...words], {
    cwd: folder,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  let over = false;
  /** Looked at with each piece of output and at the end. */
  const waiting = new Set<() => void>();
  const look = () => {
    for (const check of waiting) check();
  };
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
    look();
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
    look();
  });
  const ended = once(child, 'close').then(([code]) => {
    over = true;
    look();
    const warning = /^\(node:\d+\) .*/m.exec(stderr);
    if (warning) throw new Error(`Node warned: ${warning[0]}`);
    return code as number | null;
  });
  return {
    process: child,
    stdout: () => stdout,
    stderr: () => stderr,
    ended,
    says(pattern) {
      return new Promise((resolve, reject) => {
        const check = () => {
          const said = pattern.test(stdout) || pattern.test(stderr);
          if (!said && !over) return;
          waiting.delete(check);
          if (said) resolve();
          else reject(new Error(`ended without saying ${pattern}: ${stdout}${stderr}`));
        };
        waiting.add(check);
        check();
      });
    },
  };
}

/** Runs a command to its end. */
export async function runCommand(words: readonly string[], folder?: string, environment?: NodeJS.ProcessEnv) {
  const command = startCommand(words, folder, environment);
  const code = await command.ended;
  return { code, stdout: command.stdout(), stderr: command.stderr() };
}

/** What a command says with `--json`. Rejects where it fails. */
export async function resultOf(words: readonly string[], folder?: string) {
  const { code, stdout, stderr } = await runCommand([...words, '--json'], folder);
  if (code !== 0) throw new Error(`${words.join(' ')} ended with ${code}: ${stderr}`);
  return JSON.parse(stdout);
}

/** Ends commands at once, and waits for that. */
export async function killAll(commands: readonly RunningCommand[]): Promise<void> {
  for (const command of commands) command.process.kill('SIGKILL');
  await Promise.all(commands.map(({ ended }) => ended));
}

/**
 * Waits for what no line of a command tells of. Throws what was waited for, before the test itself runs out of time.
 */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 150_000;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`not so within 150 s: ${holds}`);
    await delay(10);
  }
}
