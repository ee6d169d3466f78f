import type { Writable } from 'node:stream';
import type { CommandConsole } from './command.ts';

/** What a console writes to, and how it tells the time; the process's own in the program, buffers in tests. */
export interface ConsoleTargets {
  readonly stdout: Writable & { isTTY?: boolean };
  readonly stderr: Writable & { isTTY?: boolean };
  readonly signal: AbortSignal;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** Least time between two progress lines: on a terminal, where the next replaces the last, and elsewhere. */
const TERMINAL_INTERVAL_MS = 100;
const PLAIN_INTERVAL_MS = 2000;

/** Back to the first column and erase the line (ECMA-48). */
const CLEAR_LINE = '\r\u001b[2K';

/** The console of one run of a command. */
export function openConsole(json: boolean, { stdout, stderr, signal, now }: ConsoleTargets): CommandConsole {
  const people = json ? stderr : stdout;
  let progressShown = false;
  // A command that is soon done leaves no progress in a log.
  let lastProgress = stderr.isTTY === true ? Number.NEGATIVE_INFINITY : now();
  const clearProgress = () => {
    if (progressShown) stderr.write(CLEAR_LINE);
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
      const terminal = stderr.isTTY === true;
      if (now() - lastProgress < (terminal ? TERMINAL_INTERVAL_MS : PLAIN_INTERVAL_MS)) return;
      lastProgress = now();
      stderr.write(terminal ? `${CLEAR_LINE}${line}` : `${line}\n`);
      progressShown = terminal;
    },
    result(document, text) {
      clearProgress();
      stdout.write(`${json ? JSON.stringify(document) : text()}\n`);
    },
  };
}
