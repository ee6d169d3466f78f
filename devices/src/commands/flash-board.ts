import { spawn } from 'node:child_process';
import { access } from 'node:fs/promises';
import { SpikewireError } from '@spikewire/models';
import { driverOf, expectedBoards, type FlashCommand } from 'spikewire/accelerators';
import type { CommandConsole } from 'spikewire/cli';

/** Prints and runs the program that writes a file to a kind of board, such as `fpga:up5k-icebreaker`. */
export async function flashBoard(address: string, file: string | undefined, console: CommandConsole): Promise<void> {
  if (file === undefined)
    throw new SpikewireError('usage', 'spikewire devices --flash', 'has no file', '--flash <driver:board> <file>');
  const command = await flashCommandOf(address, file);
  await access(file).catch((cause: NodeJS.ErrnoException) => {
    throw new SpikewireError('input', file, `cannot be read (${cause.code})`, 'a bit stream for the board', cause);
  });
  console.say([command.program, ...command.words].map(quoted).join(' '));
  await runTool(command, console);
  console.result({ address, file, command: [command.program, ...command.words] }, () => `${address}: done`);
}

async function flashCommandOf(address: string, file: string): Promise<FlashCommand> {
  const { driver, rest, entries, problems } = await driverOf(address);
  if (driver?.flash !== undefined) return driver.flash(rest, file);
  const known = entries.filter(({ flash }) => flash !== undefined).map((one) => `${one.scheme}:<board>`);
  throw new SpikewireError('usage', `device "${address}"`, 'is nothing to flash', expectedBoards(known, problems));
}

/** A word as a shell takes it. */
function quoted(word: string): string {
  return /^[\w./:@-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** What the program says goes to stderr where stdout is for one document. */
function runTool({ program, words, install }: FlashCommand, { json }: CommandConsole): Promise<void> {
  const tool = spawn(program, words, { stdio: ['inherit', json ? 2 : 'inherit', 'inherit'] });
  return new Promise((resolve, reject) => {
    tool.once('error', (cause: NodeJS.ErrnoException) => {
      const isMissing = cause.code === 'ENOENT';
      const problem = isMissing ? `is not installed; install by: ${install}` : `cannot be started (${cause.code})`;
      reject(new SpikewireError('unsupported', program, problem, undefined, cause));
    });
    tool.once('close', (code, signal) => {
      if (code === 0) resolve();
      else
        reject(new SpikewireError('unsupported', program, `ended with ${signal ?? code}`, 'a board in its USB port'));
    });
  });
}
