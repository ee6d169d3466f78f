import type { Writable } from 'node:stream';
import type { CommandConsole } from './command.ts';

/** What a console writes to, and how it tells the time; the process's own in the program, buffers in tests. */
export interface ConsoleTargets {
  readonly stdout: Writable & { isTTY?: boolean };
  readonly stderr: Writable & { isTTY?: boolean };
  readonly signal: AbortSignal;
  readonly now: () => number;
}

const PLAIN_PROGRESS_INTERVAL_MS = 5000;

/** The console of one run of a command. */
export function openConsole(json: boolean, { stdout, stderr, signal, now }: ConsoleTargets): CommandConsole {
  const people = json ? stderr : stdout;
  let progressShown = false;
  let lastPlainProgress = Number.NEGATIVE_INFINITY;
  const clearProgress = () => {
    if (progressShown) people.write('\r\u001b[2K');
    progressShown = false;
  };
  return {
    json,
    stdout,
    stderr,
    signal,
    say(line) {
      clearProgress();
      people.write(`${line}\n`);
    },
    progress(line) {
      if (people.isTTY === true) {
        people.write(`\r\u001b[2K${line}`);
        progressShown = true;
      } else if (now() - lastPlainProgress >= PLAIN_PROGRESS_INTERVAL_MS) {
        lastPlainProgress = now();
        people.write(`${line}\n`);
      }
    },
    result(document, text) {
      clearProgress();
      stdout.write(`${json ? JSON.stringify(document) : text()}\n`);
    },
  };
}
