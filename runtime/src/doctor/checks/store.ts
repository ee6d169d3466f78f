import { rm } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { SpikewireError } from '@spikewire/models';
import { makeFolder } from '../../atomic-file.ts';
import { holderOf, Store } from '../../store/index.ts';
import { refuseFileAsStore } from '../../store-folder.ts';
import type { Check, CheckResult } from './check.ts';
import { type Machine, thisMachine } from './machine.ts';

const TRIAL_BYTES = 4096;
const TRIAL_DIGEST = '0'.repeat(64);

/** Whether a state can be made durable in a folder, how long that takes, and who holds it. Leaves nothing behind. */
export const store: Check = {
  name: 'store',
  async look({ store: folder }) {
    if (folder === undefined) return { state: 'note', found: 'not tried', advice: 'spikewire doctor --store <folder>' };
    const trial = join(folder, `.doctor-${process.pid}`);
    let made: string | undefined;
    try {
      await refuseFileAsStore(folder);
      made = await makeFolder(trial);
      const started = performance.now();
      await saveOnce(trial);
      const found = `a state was durable in ${folder} after ${Math.round(performance.now() - started)} ms`;
      return [{ state: 'ok', found }, ...(await usesOf(folder))];
    } catch (problem) {
      return {
        state: 'bad',
        found: problemOf(folder, problem),
        advice: storeAdvice(await thisMachine(), folder, userInfo().username, (problem as NodeJS.ErrnoException).code),
      };
    } finally {
      if (made !== undefined) await rm(made, { recursive: true, force: true });
    }
  },
};

/** A store that another process holds is as it should be where that one keeps the nets. */
async function usesOf(folder: string): Promise<CheckResult[]> {
  const holder = await holderOf(folder);
  if (holder === undefined) return [];
  return [
    { state: 'note', found: holder.message, advice: `kill ${holder.pid}, before another process uses this folder` },
  ];
}

/** A folder of one's own where only the right to make it is missing. */
export function storeAdvice(machine: Machine, folder: string, user: string, code: string | undefined): string {
  const isRight = (code === 'EACCES' || code === 'EPERM') && !machine.root && machine.programs.has('sudo');
  if (isRight) return `sudo install -d -o ${user} '${resolve(folder).replaceAll("'", "'\\''")}'`;
  return 'choose a folder on a disk that can be written to: spikewire doctor --store <folder>';
}

/** In words where the folder cannot even be made. */
function problemOf(folder: string, problem: unknown): string {
  const { code, message } = problem as NodeJS.ErrnoException;
  if (problem instanceof SpikewireError) return message;
  return `store ${folder}: cannot be made (${code ?? message}); expected a folder that can be written`;
}

async function saveOnce(directory: string): Promise<void> {
  const trial = await Store.open(directory, { baseDigest: TRIAL_DIGEST });
  try {
    await trial.save(new Uint8Array(TRIAL_BYTES));
  } finally {
    await trial.close();
  }
}
