import { expect, it } from 'vitest';
import { runCommand } from './command.ts';

interface MillScore {
  readonly right: number;
  readonly course: readonly number[];
}

async function play(...more: string[]) {
  const { code, stdout } = await runCommand(['demo', '--classify', '--seconds', '0', '--port', '0', '--json', ...more]);
  expect(code).toBe(0);
  return JSON.parse(stdout) as {
    complete: boolean;
    blocks: number;
    labels: number;
    taught: MillScore;
    frozen: MillScore;
  };
}

it.each(['1', '2', '3'])(
  'taught a tenth of the time, it keeps up with a mill that drifts better than frozen (seed %s)',
  {
    timeout: 120_000,
  },
  async (seed) => {
    const { complete, blocks, labels, taught, frozen } = await play('--labels', '0.1', '--seed', seed);
    // All of the first 90 but the one before the first answer, then every tenth.
    expect({ complete, blocks, labels }).toEqual({ complete: true, blocks: 600, labels: 89 + 51 });
    expect(taught.right).toBeGreaterThan(frozen.right + 0.1);
    expect(taught.course[1]).toBeGreaterThan(0.9);
  },
);

it('leaves the teaching to the person at the page, unless an operator is asked for', { timeout: 120_000 }, async () => {
  const { labels, taught, frozen } = await play();
  // All of the first 90 but the one before the first answer; then nobody says anything, and both answer the same.
  expect(labels).toBe(89);
  expect(taught).toEqual(frozen);
  expect(frozen.right).toBeLessThan(0.7);
});
