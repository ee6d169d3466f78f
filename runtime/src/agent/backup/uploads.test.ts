import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RandomGenerator } from '@spikewire/models';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newCertificate } from '../fleet/certificates.test-data.ts';
import { answer, TestController } from '../fleet/controller.test-data.ts';
import { Identity } from '../fleet/identity.ts';
import { ControllerLink } from '../fleet/link.ts';
import { readDeviceArchive } from './device-archive.ts';
import type { MachineFolders } from './machine-folders.ts';
import { newRecoveryKey, openBackup, readPrivateRecoveryKey, readPublicRecoveryKey } from './sealed-backup.ts';
import { feed, taughtMachine } from './taught-machine.test-data.ts';
import { BackupUploads, type UploadOptions } from './uploads.ts';

const DAY = 86_400;
const recovery = newRecoveryKey();

let folder: string;
let controller: TestController;
let identity: Identity;
let pump: MachineFolders;
let lines: string[];
beforeEach(async () => {
  lines = [];
  folder = await mkdtemp(join(tmpdir(), 'spikewire-uploads-'));
  controller = await TestController.open();
  identity = (await Identity.open(join(folder, '.fleet'), { controller: controller.address, token: 'one-time' }))!;
  pump = await taughtMachine(folder, 'pump');
});
afterEach(async () => {
  await controller.close();
  await rm(folder, { recursive: true, force: true });
});

async function join_(): Promise<void> {
  await new ControllerLink(identity).join('one-time', AbortSignal.timeout(10_000));
  await identity.joined();
}

/** Runs for so many pauses; returns their seconds. Before each, `between` may do something. */
async function run(
  pauses: number,
  between: (pause: number) => Promise<void> | void = () => {},
  change: Partial<UploadOptions> = {},
): Promise<number[]> {
  const [ending, waited] = [new AbortController(), [] as number[]];
  await new BackupUploads({
    ...{ folder: join(folder, '.fleet'), identity, machines: () => [pump], everySeconds: DAY },
    ...{ recovery: readPublicRecoveryKey(recovery.publicKey, 'key'), random: new RandomGenerator(1, 'uploads') },
    ...{ say: (line) => lines.push(line), warn: (line) => lines.push(`warning: ${line}`) },
    pause: async (milliseconds) => {
      waited.push(milliseconds / 1000);
      if (waited.length === pauses) ending.abort();
      else await between(waited.length);
    },
    ...change,
  }).run(ending.signal);
  return waited;
}

const opened = (k: number) =>
  readDeviceArchive(
    openBackup(controller.backups.at(k)!.bytes, identity.device, readPrivateRecoveryKey(recovery.privateKey, 'key')),
  );

describe('backups of a device', () => {
  it('go to the controller about once a day, where something has changed', async () => {
    await join_();
    const waited = await run(4, async (pause) => {
      if (pause === 3) await feed(pump, 50, 10);
    });
    expect(controller.backups).toHaveLength(2);
    expect(waited[0]).toBeLessThan(600);
    for (const seconds of waited.slice(1)) expect(Math.abs(seconds / DAY - 1)).toBeLessThanOrEqual(0.25);
    expect([...opened(0).machines.keys()]).toEqual(['pump']);
    expect(opened(0).device).toBe(identity.device);
    expect(opened(1).machines.get('pump')!.slots).not.toEqual(opened(0).machines.get('pump')!.slots);
    expect(lines[0]).toMatch(/^controller: backed up what pump learned \(\d+ bytes\)$/);
  });

  it('wait after a restart for the rest of the day, and for a change', async () => {
    await join_();
    await run(2);
    const [rest] = await run(2, () => {}, { now: () => Date.now() + 3_600_000 });
    expect(rest! / 3600).toBeGreaterThan(22.9);
    expect(controller.backups).toHaveLength(1);
    // For another key everything is uploaded again.
    await run(2, () => {}, { recovery: readPublicRecoveryKey(newRecoveryKey().publicKey, 'key') });
    expect(controller.backups).toHaveLength(2);
  });

  it('wait until the device has joined', async () => {
    const waited = await run(3, (pause) => (pause === 2 ? join_() : undefined));
    expect(waited[1]).toBe(10);
    expect(controller.backups).toHaveLength(1);
  });

  it('are tried again where the controller is busy, fails, or has seen a higher counter', async () => {
    await join_();
    let tries = 0;
    controller.manners = ({ path }, response) => {
      if (path !== '/v1/backup') return 'as usual';
      tries++;
      if (tries === 1) return answer(response, 429, { error: 'too many' }, { 'retry-after': '7200' });
      if (tries <= 3) return answer(response, 507, { error: 'no space' });
      controller.counter = Date.now() + 10 * DAY * 1000;
      return 'as usual';
    };
    const waited = await run(5);
    expect(waited[1]! / 7200).toBeGreaterThanOrEqual(0.75);
    expect(waited[2]).toBeLessThanOrEqual(1.25 * 3600);
    expect(lines).toEqual([
      expect.stringMatching(/^warning: backup: controller .*: answers 507: no space; it is tried again$/),
      expect.stringContaining('backed up'),
    ]);
    expect(tries).toBe(4);
  });

  it('go to a controller behind https:// whose authority the device was given', async (context) => {
    if (spawnSync('openssl', ['version']).error) context.skip('needs openssl');
    const proxy = await newCertificate(folder, 'proxy');
    const secure = await TestController.open(proxy);
    context.onTestFinished(() => secure.close());
    const own = join(folder, '.secure');
    const member = (await Identity.open(own, { controller: secure.address, token: 'one-time' }))!;
    const tls = { ca: proxy.cert };
    await new ControllerLink(member, { tls }).join('one-time', AbortSignal.timeout(10_000));
    await member.joined();
    await run(2, () => {}, { identity: member, folder: own, tls });
    expect([lines.length, secure.backups.length]).toEqual([1, 1]);
  });

  it('say what is wrong in one line where a machine cannot be read, or has learned too much', async () => {
    await join_();
    await run(3, () => {}, { machines: () => [{ ...pump, learned: join(folder, '.fleet', 'identity.json') }] });
    expect(controller.backups).toEqual([]);
    expect(lines.splice(0)).toEqual([expect.stringMatching(/^warning: backup: store .*: cannot read it: /)]);
    const big = { ...pump, name: 'x'.repeat(64) };
    const machines = Array.from({ length: 500 }, (_, k) => ({ ...big, name: `${k}` }));
    await run(3, () => {}, { machines: () => machines });
    expect(lines).toEqual([
      expect.stringMatching(/^warning: backup: machines: have learned \d+ bytes; expected at most/),
    ]);
    expect(JSON.parse(await readFile(join(folder, '.fleet', 'identity.json'), 'utf8')).token).toBeNull();
  });
});
