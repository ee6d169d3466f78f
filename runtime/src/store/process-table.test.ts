import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { machineProcessTable } from './process-table.ts';

describe('the processes of this machine', () => {
  it('tell a running process from one that ended', async () => {
    const table = machineProcessTable();
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] });
    await once(child, 'spawn');
    const identity = { pid: child.pid!, token: 'child' };
    expect(await table.isRunning(identity)).toBe(true);
    child.stdin.end();
    await once(child, 'exit');
    expect(await table.isRunning(identity)).toBe(false);
  });

  it('know this process by more than its number, with a new token each time', async () => {
    const table = machineProcessTable();
    const identity = await table.identify();
    expect(identity.pid).toBe(process.pid);
    expect(identity.token).not.toBe((await table.identify()).token);
    expect(await table.isRunning(identity)).toBe(true);
  });
});

describe('with a /proc of its own', () => {
  let proc: string;
  const table = () => machineProcessTable(proc);
  const setBoot = async (id: string) => {
    await mkdir(join(proc, 'sys/kernel/random'), { recursive: true });
    await writeFile(join(proc, 'sys/kernel/random/boot_id'), `${id}\n`);
  };
  const setStatus = async (state: string, startTime: number) => {
    const between = Array.from({ length: 18 }, (_, index) => index).join(' ');
    await mkdir(join(proc, String(process.pid)), { recursive: true });
    const stat = `${process.pid} (node) (a) b) ${state} ${between} ${startTime} 0 0\n`;
    await writeFile(join(proc, String(process.pid), 'stat'), stat);
  };

  beforeEach(async () => {
    proc = await mkdtemp(join(tmpdir(), 'spikewire-proc-'));
  });
  afterEach(() => rm(proc, { recursive: true }));

  it('reads the boot and the start of a process with any name', async () => {
    await setBoot('first');
    await setStatus('S', 4711);
    expect(await table().identify()).toMatchObject({ pid: process.pid, bootId: 'first', startTime: '4711' });
  });

  it('knows a process from another that got its number', async () => {
    await setBoot('first');
    await setStatus('S', 4711);
    const identity = await table().identify();
    expect(await table().isRunning(identity)).toBe(true);
    await setStatus('R', 4712);
    expect(await table().isRunning(identity)).toBe(false);
  });

  it('takes a killed process that was not fetched yet for gone', async () => {
    await setStatus('S', 4711);
    const identity = await table().identify();
    await setStatus('Z', 4711);
    expect(await table().isRunning(identity)).toBe(false);
  });

  it('takes every process of another boot for gone, though number and start time agree', async () => {
    await setBoot('first');
    await setStatus('S', 4711);
    const identity = await table().identify();
    await setBoot('second');
    expect(await table().isRunning(identity)).toBe(false);
  });

  it('goes by the number alone where the system tells no more', async () => {
    const identity = await table().identify();
    expect(identity).not.toHaveProperty('startTime');
    expect(await table().isRunning(identity)).toBe(true);
  });
});
