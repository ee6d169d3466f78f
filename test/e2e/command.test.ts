import { describe, expect, it } from 'vitest';
import { startCommand } from './command.ts';

describe('a started command', () => {
  it('is waited for as often as one likes without a listener more', async () => {
    const command = startCommand(['--help']);
    await Promise.all([command.says(/inspect/), command.says(/simulate/), command.says(/doctor/)]);
    const { stdout, stderr } = command.process;
    expect([stdout!.listenerCount('data'), stderr!.listenerCount('data')]).toEqual([1, 1]);
    expect(await command.ended).toBe(0);
    await command.says(/inspect/);
    await expect(command.says(/never said/)).rejects.toThrow('ended without saying /never said/');
  });
});
