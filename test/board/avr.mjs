// Programs for an ATmega1284P with `say` of cortex/board.h, compiled by avr-gcc and run by simavr.
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { saidIn } from './cortex.mjs';

const BOARD = fileURLToPath(new URL('cortex', import.meta.url));
const START = fileURLToPath(new URL('avr/start.c', import.meta.url));
const CHIP = 'atmega1284p';

/** Compiles net.c, which has `program`, in a folder with the headers that it takes; gives the path of the program. */
export function buildAvr(folder, net) {
  const [source, program] = ['net.c', 'program.elf'].map((name) => join(folder, name));
  writeFileSync(source, net);
  const options = [`-mmcu=${CHIP}`, '-std=c99', '-Os', '-Wall', '-Wextra', '-Werror', '-I', folder, '-I', BOARD];
  execFileSync('avr-gcc', [...options, '-o', program, source, START], { stdio: ['ignore', 'ignore', 'pipe'] });
  return program;
}

/** Runs a program until it sleeps, and gives what it said, as `runCortex` does. */
export function runAvr(program) {
  // What the chip sends goes to the standard error, in colour.
  const options = { encoding: 'utf8', maxBuffer: 2 ** 28, timeout: 120_000 };
  const { status, stderr } = spawnSync('simavr', ['-m', CHIP, '-f', '16000000', program], options);
  if (status !== 0) throw new Error(`simavr ended with ${status}: ${stderr.slice(-200)}`);
  return saidIn(stripVTControlCharacters(stderr));
}
