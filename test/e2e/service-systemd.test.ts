import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { MqttLink } from 'spikewire/mqtt';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { lacks, needs } from '../services.ts';
import { type BootedSystemd, bootSystemd } from './booted-systemd.ts';
import { until } from './command.ts';
import { freePort, type Mosquitto, startMosquitto } from './mosquitto.ts';

const SPIKEWIRE = fileURLToPath(new URL('../../runtime/bin/spikewire.js', import.meta.url));
const PASSWORD = 'a-word-that-nobody-guesses';
const TOKEN = 'another word that nobody guesses';
const UNIT = 'spikewire-air';
/** A device may take minutes for this. */
const WATCHDOG_SECONDS = 3;
const HASTE = `RestartSec=100ms\nRestartSteps=0\nWatchdogSec=${WATCHDOG_SECONDS}\n`;

describe('a net as a service of a systemd that runs', () => {
  let folder: string;
  let systemd: BootedSystemd | undefined;
  let broker: Mosquitto | undefined;
  let link: MqttLink | undefined;
  let page: number;
  /** Of all results so far. */
  const seqs: number[] = [];

  const service = (...words: string[]) => systemd!.run(process.execPath, SPIKEWIRE, 'service', ...words);
  const state = async () => JSON.parse(await service('status', '--name', 'air', '--json'));
  const ask = async (property: string) => {
    return (await systemd!.run('systemctl', 'show', UNIT, '--value', `--property=${property}`)).trim();
  };
  /** Adds settings to the unit, as "systemctl edit" does. */
  const edit = async (settings: string) => {
    const dropIn = `/etc/systemd/system/${UNIT}.service.d`;
    const write = 'mkdir -p "$0" && printf "[Service]\\n%s" "$1" > "$0/test.conf"';
    await systemd!.run('sh', '-c', write, dropIn, settings);
    await systemd!.run('systemctl', 'daemon-reload');
  };
  /** Publishes readings until one is answered: what comes before the service has subscribed is lost. */
  const nextAnswer = async () => {
    const before = seqs.length;
    await until(async () => {
      await link!.publish('air', '20');
      await delay(50);
      return seqs.length > before;
    });
    return seqs[before]!;
  };
  /** Lets the net save what it has learned, and waits for that. */
  const saved = async () => {
    let answer = '';
    await link!.subscribe('air/state/status', ({ payload }) => {
      answer = JSON.parse(String(payload)).answer;
    });
    await link!.publish('air/command', '{"command": "save"}');
    await until(() => answer.startsWith('saved'));
  };
  /** What the kernel lets it have, by control groups of version 1 or 2. */
  const limit = async () => {
    const [own, root] = [`system.slice/${UNIT}.service`, '/sys/fs/cgroup'];
    const files = [`${root}/memory/${own}/memory.limit_in_bytes`, `${root}/${own}/memory.max`];
    return Number(await systemd!.run('sh', '-c', 'cat "$0" 2>/dev/null || cat "$1"', ...files));
  };
  const restarts = async () => Number(await ask('NRestarts'));
  /** Waits for a start after those that there were. */
  const restarted = (before: number) =>
    until(async () => (await restarts()) > before && (await ask('ActiveState')) === 'active');

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'spikewire-service-'));
    page = await freePort();
    await writeFile(join(folder, 'password'), `${PASSWORD}\n`, { mode: 0o600 });
    await writeFile(join(folder, 'token'), `${TOKEN}\n`, { mode: 0o600 });
  });
  beforeEach(async (context) => {
    needs(context, 'mosquitto');
    if ([process.execPath, SPIKEWIRE].some((path) => path.startsWith(tmpdir()))) {
      lacks(context, 'systemd', 'Node and spikewire outside of /tmp, of which a unit has its own');
    }
    systemd ??= (await bootSystemd()) ?? lacks(context, 'systemd', 'root, and a systemd that starts in namespaces');
    if (broker !== undefined) return;
    const passwords = join(folder, 'passwords');
    execFileSync('mosquitto_passwd', ['-c', '-b', passwords, 'spikewire', PASSWORD], { stdio: 'ignore' });
    broker = (await startMosquitto([`password_file ${passwords}`]))!;
    link = await MqttLink.connect(broker.url, { clientId: 'listener', random: () => 0.5 });
    await link.subscribe('air/state', ({ payload }) => void seqs.push(JSON.parse(String(payload)).seq));
  });
  afterAll(async () => {
    await link?.close();
    await systemd?.close();
    await broker?.close();
    await rm(folder, { recursive: true });
  });

  it('starts as nobody of this machine, and says when it is ready and how it is', async () => {
    const access = ['--mqtt-user', 'spikewire', '--mqtt-password-file', join(folder, 'password')];
    const shown = ['--dashboard', `127.0.0.1:${page}`, '--dashboard-token-file', join(folder, 'token')];
    const topics = ['--mqtt', broker!.url, ...access, '--in', 'air', '--out', 'air/state'];
    const run = ['run', 'next-reading-1', ...topics, '--learn', '--save-every', '0', ...shown];
    await service('install', '--name', 'air', '--', ...run);
    const { ActiveState, UnitFileState, StatusText, MainPID } = await state();
    expect({ ActiveState, UnitFileState }).toEqual({ ActiveState: 'active', UnitFileState: 'enabled' });
    expect(StatusText).toBe('open nets: 1, readings: 0, failed nets: 0');
    const status = await systemd!.run('cat', `/proc/${MainPID}/status`);
    expect(Number(/^Uid:\t(\d+)/m.exec(status)![1])).toBeGreaterThanOrEqual(61_184);
    expect(status).toMatch(/^CapEff:\t0+$/m);
    expect(status).toMatch(/^NoNewPrivs:\t1$/m);
    await nextAnswer();
  });

  it('gets its password and token from systemd, and shows them to nobody', async () => {
    // The broker lets nobody in who says the name with another password: the answer above shows that it was right.
    const metrics = (token: string) =>
      fetch(`http://127.0.0.1:${page}/metrics`, { headers: { authorization: `Bearer ${token}` } });
    expect((await metrics(TOKEN)).status).toBe(200);
    expect((await metrics(PASSWORD)).status).not.toBe(200);
    const { MainPID } = await state();
    const seen = await systemd!.run('cat', `/proc/${MainPID}/cmdline`, `/proc/${MainPID}/environ`);
    expect(seen).toContain(`--mqtt-password-file\0/run/credentials/${UNIT}.service/mqtt-password-file\0`);
    expect(seen).not.toMatch(/nobody.guesses/);
  });

  it('goes on after SIGKILL with what it has learned', async () => {
    await edit(HASTE);
    await systemd!.run('systemctl', 'restart', UNIT);
    const before = await nextAnswer();
    expect(before).toBeGreaterThan(seqs[0]!);
    await saved();
    const last = seqs.at(-1)!;
    const count = await restarts();
    await systemd!.run('systemctl', 'kill', '--kill-whom=main', '--signal=SIGKILL', UNIT);
    await restarted(count);
    expect(await nextAnswer()).toBe(last + 1);
  });

  it('is left alone while it goes on, and restarted when it stands still', async () => {
    const count = await restarts();
    await delay(1000 * (WATCHDOG_SECONDS + 1));
    expect(await restarts()).toBe(count);
    expect((await state()).StatusText).toMatch(/^open nets: 1, readings: [1-9]/);
    await saved();
    const last = seqs.at(-1)!;
    await systemd!.run('systemctl', 'kill', '--kill-whom=main', '--signal=SIGSTOP', UNIT);
    await restarted(count);
    expect(await nextAnswer()).toBe(last + 1);
  });

  it('ends where it takes more memory than its unit allows, and goes on when it is allowed to', async () => {
    await edit(`${HASTE}MemoryMax=256M\n`);
    await systemd!.run('systemctl', 'restart', UNIT);
    const last = await nextAnswer();
    expect(await limit()).toBe(256 * 2 ** 20);
    await edit('Restart=no\nMemoryMax=16M\n');
    await expect(systemd!.run('systemctl', 'restart', UNIT)).rejects.toThrow();
    expect([await ask('ActiveState'), await ask('ExecMainStatus')]).toEqual(['failed', `${constants.signals.SIGKILL}`]);
    await edit(`${HASTE}MemoryMax=256M\n`);
    await systemd!.run('systemctl', 'restart', UNIT);
    expect(await nextAnswer()).toBeGreaterThan(last);
  });

  it('is removed', async () => {
    await service('remove', '--name', 'air');
    await expect(state()).rejects.toThrow('is not installed');
  });
});
