import { printableText, SpikewireError } from '@spikewire/models';
import { explained } from './actions.ts';
import { parseArguments } from './arguments.ts';
import type { CommandArguments } from './command.ts';
import { allCommands, findCommand } from './commands/registry.ts';
import { type ConsoleLog, type ConsoleTargets, openConsole } from './console.ts';
import { explain, overview } from './help.ts';
import { currentWords } from './old-words.ts';
import { ProcessSignals } from './process-signals.ts';
import { programVersion } from './version.ts';

/** Runs one command line and returns its exit code: 0 done, 1 failed, 2 wrong usage. */
export async function main(words: readonly string[]): Promise<number> {
  endOutputWithItsReader();
  const [name, ...rest] = words;
  try {
    if (name === '--version' || name === '-v') return print(programVersion());
    if (name === undefined) return printOverview(2);
    if (name === 'help' && rest[0] !== undefined) return main([rest[0], '--help']);
    if (name === '--help' || name === '-h' || name === 'help') return printOverview(0);
    const command = await findCommand(name);
    const current = currentWords(command, rest);
    const args = parseArguments(command, current.words);
    if (args.flag('version')) return print(programVersion());
    const isAll = args.flag('help-all');
    if (isAll || args.flag('help')) {
      const page = explained(command, args.positionals[0]);
      return print(explain(page, await page.listing?.(), isAll));
    }
    const console = openConsole(args.flag('json'), processTargets(), logOf(args));
    for (const note of current.notes) console.warn(note);
    await command.run(args, console);
    return 0;
  } catch (problem) {
    return report(problem);
  }
}

async function printOverview(code: number): Promise<number> {
  const { own, foreign, problems } = await allCommands();
  for (const problem of problems) report(problem);
  return print(overview(own, foreign), code);
}

/** How to say what goes on, for commands that have the options. */
function logOf(args: CommandArguments): ConsoleLog {
  const log = args.text('log') ?? 'text';
  if (log === 'text' || log === 'json') return { asJson: log === 'json', quiet: args.flag('quiet') };
  throw new SpikewireError('usage', '--log', `is "${log}"`, 'text or json');
}

function print(text: string, code = 0): number {
  process.stdout.write(`${text}\n`);
  return code;
}

function processTargets(): ConsoleTargets {
  const { stdout, stderr } = process;
  let signals: ProcessSignals | undefined;
  const heard = () => {
    signals ??= new ProcessSignals();
    return signals;
  };
  return {
    stdout,
    stderr,
    now: () => performance.now(),
    get signal() {
      return heard().aborted;
    },
    onHangUp: (listener) => heard().onHangUp(listener),
    endedBySignals: (work) => (signals === undefined ? work() : signals.ignoreSignalsDuring(work)),
  };
}

function report(problem: unknown): number {
  if (problem instanceof SpikewireError) {
    const line = problem.message;
    process.stderr.write(`${/^spikewire[ :]/.test(line) ? '' : 'spikewire: '}${line}\n`);
    return problem.code === 'usage' ? 2 : 1;
  }
  process.stderr.write(
    printableText(
      `spikewire: unexpected error, please report it: ${problem instanceof Error ? problem.stack : String(problem)}\n`,
    ),
  );
  return 1;
}

/** A reader that went away (`spikewire … | head`) ends the output, and a full disk says so: neither is a crash. */
function endOutputWithItsReader(): void {
  process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE') process.exit(0);
    process.stderr.write(`spikewire: stdout: cannot be written (${code ?? message})\n`);
    process.exit(1);
  });
}
