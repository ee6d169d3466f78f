import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Systemd } from './systemd.ts';

let folder: string;
let asked: string[];
let systemd: Systemd;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-units-'));
  asked = [];
  systemd = new Systemd(folder, async (words) => {
    asked.push(words.join(' '));
    return 'ActiveState=active\nSubState=running\nMainPID=7\n';
  });
});
afterEach(() => rm(folder, { recursive: true }));

it('installs a unit and starts it, tells how it is, and removes it', async () => {
  await systemd.install('spikewire-air', '[Unit]\n');
  expect(await readFile(join(folder, 'spikewire-air.service'), 'utf8')).toBe('[Unit]\n');
  expect(asked).toEqual(['show --property=Version', 'daemon-reload', 'enable spikewire-air', 'restart spikewire-air']);
  expect(await systemd.state('spikewire-air')).toEqual({ ActiveState: 'active', SubState: 'running', MainPID: '7' });
  asked.length = 0;
  await systemd.remove('spikewire-air');
  expect([await systemd.has('spikewire-air'), asked]).toEqual([
    false,
    ['disable --now spikewire-air', 'daemon-reload'],
  ]);
});

it('writes nothing on a machine without systemd', async () => {
  const absent = new Systemd(folder, () => Promise.reject(new Error('no systemd')));
  await expect(absent.install('spikewire-air', '[Unit]\n')).rejects.toThrow('no systemd');
  expect(await readdir(folder)).toEqual([]);
});

it('asks for nothing about a unit that is not there', async () => {
  const absent = `service spikewire-none: is not installed; expected a unit ${folder}`;
  await expect(systemd.state('spikewire-none')).rejects.toThrow(absent);
  await expect(systemd.remove('spikewire-none')).rejects.toThrow(absent);
  expect(asked).toEqual([]);
});
