import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { refusedSeeds } from './corpus.mjs';

const RUN = fileURLToPath(new URL('./run.mjs', import.meta.url));

/** Of 100,000 cases, in which nothing was found. */
function campaign(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [RUN, '--cases', '100000', '--threads', '2', '--json', ...words],
    { encoding: 'utf8' },
  );
  expect(stderr).toBe('');
  expect(status).toBe(0);
  const report = JSON.parse(stdout);
  expect(report.cases).toBe(100_000);
  return report;
}

describe('a campaign of the fuzzer', () => {
  it('begins with models that are accepted', () => {
    expect(refusedSeeds).toEqual([]);
  });

  it('finds nothing but success and refusals of one line in 100,000 cases', { timeout: 600_000 }, () => {
    const { byTarget, refused } = campaign('--seed', '7');
    // A campaign in which nothing gets past the readers would find nothing behind them.
    for (const { cases: all, accepted } of Object.values<{ cases: number; accepted: number }>(byTarget)) {
      expect(accepted).toBeGreaterThan(all / 20);
    }
    expect(Object.keys(refused)).toEqual(expect.arrayContaining(['file', 'graph', 'parameter', 'learning', 'budget']));
  });

  it('finds nothing in as many files of a repository alone', { timeout: 600_000 }, () => {
    const { accepted, refused } = campaign('--seed', '8', '--only', 'repository');
    expect(accepted).toBeGreaterThan(5000);
    expect(Object.keys(refused).sort()).toEqual(['access', 'file']);
  });

  it('finds nothing in as many HDF5 files alone', { timeout: 600_000 }, () => {
    const { accepted, refused } = campaign('--seed', '8', '--only', 'hdf5');
    expect(accepted).toBeGreaterThan(5000);
    expect(Object.keys(refused).sort()).toEqual(['budget', 'file', 'unsupported']);
  });

  it('finds nothing in as many NIR files alone', { timeout: 900_000 }, () => {
    const { accepted, refused } = campaign('--seed', '8', '--only', 'nir');
    expect(accepted).toBeGreaterThan(5000);
    expect(Object.keys(refused)).toEqual(expect.arrayContaining(['file', 'graph', 'parameter', 'unsupported']));
  });
});
