import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { converse } from './c-program.mjs';

/** A script of this folder at work, or undefined where no Python has Brian 2. */
export function openBrian2(script, args) {
  const python = pythonWithBrian2();
  return python && converse(python, [fileURLToPath(new URL(`./${script}`, import.meta.url)), ...args]);
}

/** A distribution's own interpreter may be hidden by another one. */
function pythonWithBrian2() {
  return ['python3', '/usr/bin/python3'].find((python) => spawnSync(python, ['-c', 'import brian2']).status === 0);
}
