import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engines } from 'spikewire';
import { Store } from 'spikewire/store';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { unpackSysfs } from '../../devices/fixtures/sysfs/unpack.ts';
import { needs } from '../services.ts';
import { runCommand } from './command.ts';
import { startMosquitto } from './mosquitto.ts';

interface Finding {
  readonly check: string;
  readonly state: string;
  readonly found: string;
  readonly advice?: string;
}

/** Nobody listens on port 1. */
const NO_BROKER = 'mqtt://127.0.0.1:1';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-doctor-'));
  await unpackSysfs('raspberry-pi', join(folder, 'sys'));
  vi.stubEnv('SPIKEWIRE_SYSFS', join(folder, 'sys'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

async function examine(...words: string[]) {
  const { code, stdout, stderr } = await runCommand(['doctor', '--json', ...words], folder);
  expect(stdout.trim().split('\n')).toHaveLength(1);
  const { findings } = JSON.parse(stdout) as { findings: Finding[] };
  return { code, stderr, of: (check: string) => findings.filter((finding) => finding.check === check), findings };
}

describe('spikewire doctor', () => {
  it('says what the machine has', async () => {
    const { code, stderr, of, findings } = await examine();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(of('node')).toEqual([{ check: 'node', state: 'ok', found: expect.stringContaining(process.versions.node) }]);
    for (const { name } of engines) expect(of('engines')[0]!.found).toContain(name);
    expect(of('simd')).toHaveLength(1);
    expect(of('sensors')).toContainEqual({
      check: 'sensors',
      state: 'ok',
      found: 'hwmon:sht4x: temp1 (°C), humidity1 (%)',
    });
    expect(of('packages').map(({ found }) => found)).toContainEqual(expect.stringMatching(/^@spikewire\/devices \d/));
    for (const { found, advice } of findings) expect(`${found}${advice}`).not.toMatch(/\n/);
  });

  it('finds a broker, and the version that it speaks', async (context) => {
    needs(context, 'mosquitto');
    const broker = (await startMosquitto())!;
    try {
      const { code, of } = await examine('--mqtt', broker.url);
      const found = expect.stringMatching(`^${broker.url} answers with MQTT 5, round trip of a message: [0-9.]+ ms$`);
      expect(of('broker')).toEqual([{ check: 'broker', state: 'ok', found }]);
      expect(code).toBe(0);
    } finally {
      await broker.close();
    }
  });

  it('says what to do about a broker that was asked for and is not there', async () => {
    const { code, stderr, of } = await examine('--mqtt', NO_BROKER);
    expect(of('broker')[0]).toMatchObject({
      state: 'bad',
      found: expect.stringContaining('refused'),
      advice: expect.stringContaining('mosquitto'),
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^spikewire: doctor: 1 of \d+ checks failed; expected none\n$/);
  });

  it('tries a save and leaves nothing behind', async () => {
    const before = await readdir(folder);
    const { code, of } = await examine('--store', join(folder, 'new', 'store'));
    expect(of('store')[0]).toMatchObject({ state: 'ok', found: expect.stringMatching(/durable .* after \d+ ms$/) });
    expect(code).toBe(0);
    expect(await readdir(folder)).toEqual(before);
  });

  it('says which process holds a store', async () => {
    const place = join(folder, 'held');
    const held = await Store.open(place, { baseDigest: '0'.repeat(64) });
    const { code, of } = await examine('--store', place);
    await held.close();
    expect(of('store').map(({ state }) => state)).toEqual(['ok', 'note']);
    expect(of('store')[1]!.found).toBe(
      `store ${place}: in use by a running process, pid ${process.pid}; ` +
        'expected another folder, or that process stopped first',
    );
    expect(of('store')[1]!.advice).toBe(`kill ${process.pid}, before another process uses this folder`);
    expect(code).toBe(0);
    expect((await examine('--store', place)).of('store')).toHaveLength(1);
  });

  it('says where a store cannot be', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    for (const [place, problem] of [
      [file, 'is a file'],
      [join(file, 'below'), 'lies below a file'],
    ]) {
      const { code, of } = await examine('--store', place!);
      expect(of('store')[0]).toMatchObject({
        state: 'bad',
        found: `--store "${place}": ${problem}; expected a folder`,
        advice: expect.any(String),
      });
      expect(code).toBe(1);
    }
  });

  it('is a list for people, with what to do under what is wrong', async () => {
    const { stdout } = await runCommand(['doctor', '--mqtt', NO_BROKER], folder);
    expect(stdout).toMatch(/^ok {4}node {6}Node \d/);
    expect(stdout).toMatch(/\nBAD {3}broker {4}.*\n +→ .*mosquitto/);
  });
});
