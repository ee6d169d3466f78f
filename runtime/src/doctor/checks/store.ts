import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Store } from '../../store/index.ts';
import type { Check } from '../check.ts';

const TRIAL_BYTES = 4096;
const TRIAL_DIGEST = '0'.repeat(64);

/** Whether a state can be made durable in a folder, and how long that takes. Leaves nothing behind. */
export const store: Check = {
  name: 'store',
  async look({ store: folder }) {
    if (folder === undefined)
      return { state: 'note', found: 'not tried', advice: 'name a folder with --store <folder>' };
    const trial = join(folder, `.doctor-${process.pid}`);
    let made: string | undefined;
    try {
      made = await mkdir(trial, { recursive: true });
      const started = performance.now();
      await saveOnce(trial);
      return {
        state: 'ok',
        found: `a state was durable in ${folder} after ${Math.round(performance.now() - started)} ms`,
      };
    } catch (problem) {
      return {
        state: 'bad',
        found: (problem as Error).message,
        advice: 'choose a folder on a disk that can be written to',
      };
    } finally {
      if (made !== undefined) await rm(made, { recursive: true, force: true });
    }
  },
};

async function saveOnce(directory: string): Promise<void> {
  const trial = await Store.open(directory, { baseDigest: TRIAL_DIGEST });
  try {
    await trial.save(new Uint8Array(TRIAL_BYTES));
  } finally {
    await trial.close();
  }
}
