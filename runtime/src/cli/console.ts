import type { Writable } from 'node:stream';
import { printableLine, printableLines, printableText } from '@spikewire/models';
import { Audit } from '../desk/audit.ts';
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

/**
 * Lines to stderr: a log that is fed by one kind for ever grows by some 10 MB a day at most. No less than other audits
 * let through.
 */
const WARNINGS = { burst: 100, interval: 5000 };

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
  const warnings = new Audit(
    (line) => {
      clearProgress();
      stderr.write(`${line}\n`);
    },
    now,
    WARNINGS,
  );
  return {
    json,
    signal,
    say(line) {
      clearProgress();
      people.write(`${printableLine(line)}\n`);
    },
    warn: (line, kind = 'warning') => warnings.say(kind, line),
    document(document) {
      clearProgress();
      stdout.write(`${printableText(JSON.stringify(document))}\n`);
    },
    progress(line) {
      const terminal = stderr.isTTY === true;
      if (now() - lastProgress < (terminal ? TERMINAL_INTERVAL_MS : PLAIN_INTERVAL_MS)) return;
      lastProgress = now();
      const shown = printableLine(line);
      stderr.write(terminal ? `${CLEAR_LINE}${shown}` : `${shown}\n`);
      progressShown = terminal;
    },
    result(document, text) {
      clearProgress();
      warnings.close();
      const answer = json ? JSON.stringify(document) : text();
      stdout.write(`${typeof answer === 'string' ? printableText(answer) : printableLines(answer)}\n`);
    },
  };
}
