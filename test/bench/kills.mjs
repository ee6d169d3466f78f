import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killAgainAndAgain } from '../faults/budget-kill.mjs';

export const title =
  'kills: what a net that is killed again and again still saves, and what its budget says was written';

const KILLS = 300;
const MIB = 2 ** 20;
/** Bytes of a day. */
const BUDGETS = [16 * MIB, 64 * MIB, 512 * MIB];

export async function run({ quick = false } = {}) {
  const rows = [];
  for (const budget of quick ? BUDGETS.slice(-1) : BUDGETS) {
    const directory = await mkdtemp(join(tmpdir(), 'spikewire-kills-'));
    try {
      const lives = await killAgainAndAgain(directory, quick ? 3 : KILLS, budget);
      const saved = lives.filter(({ answer }) => answer.startsWith('saved')).length;
      rows.push({ budget, kills: lives.length, saved, written: lives.at(-1).day.written, last: lives.at(-1).answer });
    } finally {
      await rm(directory, { recursive: true });
    }
  }
  return { rows };
}

export function table({ rows }) {
  const lines = [
    ['budget of a day', 'kills', 'saves acknowledged', 'written', 'of the budget', 'the last answer'],
    ['---', '---', '---', '---', '---', '---'],
    ...rows.map(({ budget, kills, saved, written, last }) => [
      `${budget / MIB} MiB`,
      kills,
      saved,
      `${(written / MIB).toFixed(1)} MiB`,
      `${((100 * written) / budget).toFixed(1)} %`,
      last,
    ]),
  ];
  return `${lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`;
}
