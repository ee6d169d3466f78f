import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const LEARNER = fileURLToPath(new URL('budget-kill-learner.mjs', import.meta.url));

/**
 * Kills a net that learns with a store so many times, each time as soon as it has answered `save`.
 *
 * @param {string} directory of the store
 * @param {number} kills
 * @param {number} bytesPerDay
 * @returns {Promise<import('./budget-kill.d.mts').Life[]>}
 */
export async function killAgainAndAgain(directory, kills, bytesPerDay) {
  const lives = [];
  for (let k = 0; k < kills; k++) {
    const words = [LEARNER, directory, String(bytesPerDay)];
    const learner = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
    const hasExited = once(learner, 'exit');
    const [line] = await Promise.race([once(createInterface({ input: learner.stdout }), 'line'), hasExited]);
    learner.kill('SIGKILL');
    await hasExited;
    lives.push(JSON.parse(line));
  }
  return lives;
}
