import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const sources = fileURLToPath(new URL('.', import.meta.url));

/**
 * By what the vectors of a program are called, the flags for them: those that WebAssembly has, and the widest of this
 * machine.
 *
 * @type {[string, string[]][]}
 */
export const vectorWidths =
  process.arch === 'x64'
    ? [
        ['C, 128 bit', ['-march=x86-64-v2']],
        ['C, full width', []],
      ]
    : [['C', []]];

/** Compiles `<name>.c` of this folder into `folder`; returns the program, or undefined where there is no compiler. */
export function compileC(name, folder, flags = []) {
  const program = join(folder, [name, ...flags].join('').replace(/[^\w.]/g, '-'));
  const options = ['-O3', '-march=native', ...flags, '-o', program, join(sources, `${name}.c`), '-lm'];
  const { status, error, stderr } = spawnSync(process.env.CC ?? 'cc', options, { encoding: 'utf8' });
  if (error?.code === 'ENOENT') return undefined;
  if (status !== 0) throw new Error(`${name}.c does not compile: ${stderr}`);
  return program;
}

/** A program that answers every line with a line of JSON; `next` is what it says by itself. */
export function converse(program, args) {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${program} ended`);
    return JSON.parse(value);
  };
  return {
    next,
    ask(line) {
      child.stdin.write(`${line}\n`);
      return next();
    },
    close: () => child.stdin.end(),
  };
}
