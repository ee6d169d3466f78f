import { expect, it } from 'vitest';
import { runCommand } from './command.ts';

const play = (...more: string[]) => runCommand(['demo', '--update', '--seconds', '0', '--port', '0', ...more]);

it.each(['1', '2'])(
  'installs the good model with what was learned, and refuses the bad one (seed %s)',
  {
    timeout: 120_000,
  },
  async (seed) => {
    const { code, stdout } = await play('--json', '--seed', seed);
    expect(code).toBe(0);
    const { complete, states, v2, v3 } = JSON.parse(stdout);
    const fetched = ['check', 'download', 'verify', 'shadow'];
    expect(states).toEqual([...fetched, 'install', 'probation', 'commit', 'idle', ...fetched, 'idle']);
    expect({ complete, installed: v2.installed, learned: v2.learned, refused: v3.refused }).toEqual({
      ...{ complete: true, installed: true, learned: 'carry', refused: true },
    });
    // A third would be right by chance: what was learned is there from the first answer on.
    expect(v2.rightAfter).toBeGreaterThan(v2.rightBefore - 0.1);
    expect(v2.rightAfter).toBeGreaterThan(0.8);
    expect(v3.rightAtEnd).toBeGreaterThan(0.8);
    expect(v3.reason).toMatch(/^carry: was wrong \d+ times where the present one was right/);
  },
);

it('is one of four demos', async () => {
  const { code, stderr } = await play('--classify');
  expect(code).toBe(2);
  expect(stderr).toContain('spikewire demo --update: cannot be combined with --classify');
});
