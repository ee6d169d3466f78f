import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { killAgainAndAgain } from './budget-kill.mjs';

const KILLS = 25;
const MIB = 2 ** 20;
/** That a note of what was written costs, and the file system's own note of a save. */
const NOTES = 2 ** 15;

// `npm run bench -- kills` kills 300 times, with several budgets.
it(`saves after each of ${KILLS} kills, and counts what was written`, { timeout: 240_000 }, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'spikewire-kills-'));
  try {
    const lives = await killAgainAndAgain(directory, KILLS, 512 * MIB);
    for (const [k, { answer, heldBack }] of lives.entries()) {
      expect(answer).toMatch(`saved as sequence ${k + 1} `);
      expect(heldBack).toBe(0);
    }
    const { bytes, day } = lives.at(-1)!;
    expect(day.written).toBeLessThan(KILLS * (bytes + NOTES)); // two slots and a folder, of which a save is one
  } finally {
    await rm(directory, { recursive: true });
  }
});
