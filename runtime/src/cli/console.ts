import type { Writable } from 'node:stream';
import { printableLine, printableLines, printableText } from '@spikewire/models';
import { Audit } from '../desk/audit.ts';
import type { CommandConsole } from './command.ts';

/** What a console writes to, and how it tells the time; the process's own in the program, buffers in tests. */
export interface ConsoleTargets {
  readonly stdout: Writable & { isTTY?: boolean };
  readonly stderr: Writable & { isTTY?: boolean };
  readonly signal: AbortSignal;
  readonly endedBySignals: CommandConsole['endedBySignals'];
  readonly onHangUp: CommandConsole['onHangUp'];
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** How a console says what goes on. */
export interface ConsoleLog {
  /** On stderr, each line as a JSON document of time, level, kind and message; what is said to people too. */
  readonly asJson?: boolean;
  /** Warnings and the answer, and nothing else. */
  readonly quiet?: boolean;
  /** Milliseconds since 1970. */
  readonly date?: () => number;
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
export function openConsole(
  json: boolean,
  targets: ConsoleTargets,
  { asJson = false, quiet = false, date = Date.now }: ConsoleLog = {},
): CommandConsole {
  const { stdout, stderr, now } = targets;
  const people = json ? stderr : stdout;
  let progressShown = false;
  // A command that is soon done leaves no progress in a log.
  let lastProgress = stderr.isTTY === true ? Number.NEGATIVE_INFINITY : now();
  const clearProgress = () => {
    if (progressShown) stderr.write(CLEAR_LINE);
    progressShown = false;
  };
  const write = (level: 'info' | 'warning', kind: string, line: string) => {
    clearProgress();
    const message = line.replace(/^spikewire: /, '');
    const time = new Date(date()).toISOString();
    stderr.write(`${asJson ? printableText(JSON.stringify({ time, level, kind, message })) : line}\n`);
  };
  const warnings = new Audit((line, kind) => write('warning', kind, line), now, WARNINGS);
  const told = new Audit((line, kind) => write('info', kind, line), now, WARNINGS);
  return {
    json,
    get signal() {
      return targets.signal;
    },
    endedBySignals: (work) => targets.endedBySignals(work),
    onHangUp: (listener) => targets.onHangUp(listener),
    say(line) {
      if (quiet) return;
      if (asJson) return write('info', 'said', printableLine(line));
      clearProgress();
      people.write(`${printableLine(line)}\n`);
    },
    tell(line, kind) {
      if (!quiet) told.say(kind, line);
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
      told.close();
      warnings.close();
      const answer = json ? JSON.stringify(document) : text();
      stdout.write(`${typeof answer === 'string' ? printableText(answer) : printableLines(answer)}\n`);
    },
  };
}
