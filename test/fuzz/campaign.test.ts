import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { refusedSeeds } from './corpus.mjs';

const RUN = fileURLToPath(new URL('./run.mjs', import.meta.url));

describe('a campaign of the fuzzer', () => {
  it('begins with models that are accepted', () => {
    expect(refusedSeeds).toEqual([]);
  });

  it('finds nothing but success and refusals of one line in 100,000 cases', { timeout: 600_000 }, () => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [RUN, '--cases', '100000', '--threads', '2', '--seed', '7', '--json'],
      { encoding: 'utf8' },
    );
    expect(stderr).toBe('');
    expect(status).toBe(0);
    const { cases, byTarget, refused } = JSON.parse(stdout);
    expect(cases).toBe(100_000);
    // A campaign in which nothing gets past the readers would find nothing behind them.
    for (const { cases: all, accepted } of Object.values<{ cases: number; accepted: number }>(byTarget)) {
      expect(accepted).toBeGreaterThan(all / 20);
    }
    expect(Object.keys(refused)).toEqual(expect.arrayContaining(['file', 'graph', 'parameter', 'learning', 'budget']));
  });
});
