import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askAgent, ControlSocket } from './control-socket.ts';
import { SOCKET_NAME } from './protocol.ts';

const NOBODY = 65534;
let folder: string;
let control: ControlSocket | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-control-'));
});
afterEach(async () => {
  await control?.close();
  control = undefined;
  await rm(folder, { recursive: true, force: true });
});

describe('a control socket', () => {
  it('answers, and says what was refused', async () => {
    control = await ControlSocket.open(folder, async ({ action }) => {
      if (action === 'pin') throw new Error('no');
      return { action };
    });
    expect(await askAgent(folder, { action: 'status' })).toEqual({ action: 'status' });
    await expect(askAgent(folder, { action: 'pin' })).rejects.toThrow('no');
  });

  it('tells a folder that no process uses from one that belongs to another user', async () => {
    expect(await askAgent(folder, { action: 'status' })).toBeUndefined();
    control = await ControlSocket.open(folder, async () => ({}));
    const isRoot = process.geteuid!() === 0;
    if (isRoot) process.seteuid!(NOBODY);
    else await chmod(join(folder, SOCKET_NAME), 0);
    try {
      await expect(askAgent(folder, { action: 'status' })).rejects.toMatchObject({ code: 'access' });
    } finally {
      if (isRoot) process.seteuid!(0);
    }
  });
});
