import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MqttLink } from 'spikewire/mqtt';
import { expect, it } from 'vitest';
import { lacks, needs } from '../services.ts';
import { bootSystemd } from './booted-systemd.ts';
import { until } from './command.ts';
import { startMosquitto } from './mosquitto.ts';

const SPIKEWIRE = fileURLToPath(new URL('../../runtime/bin/spikewire.js', import.meta.url));

it('keeps a net under a systemd that runs: as nobody of this machine, with what it knew after a restart', async (context) => {
  needs(context, 'mosquitto');
  const isHidden = [process.execPath, SPIKEWIRE].some((path) => path.startsWith(tmpdir()));
  if (isHidden) lacks(context, 'systemd', 'Node and spikewire outside of /tmp, of which a unit has its own');
  const systemd = (await bootSystemd()) ?? lacks(context, 'systemd', 'root, and a systemd that starts in namespaces');
  const broker = (await startMosquitto())!;
  const folder = await mkdtemp(join(tmpdir(), 'spikewire-service-'));
  const seqs: number[] = [];
  const link = await MqttLink.connect(broker.url, { clientId: 'listener', random: () => 0.5 });
  try {
    await link.subscribe('air/state', ({ payload }) => void seqs.push(JSON.parse(String(payload)).seq));
    await writeFile(join(folder, 'token'), 'a word that nobody guesses\n', { mode: 0o600 });
    const page = ['--dashboard', '127.0.0.1:0', '--dashboard-token-file', join(folder, 'token')];
    const topics = ['--mqtt', broker.url, '--in', 'air', '--out', 'air/state'];
    const run = ['run', 'next-reading-1', ...topics, '--learn', ...page];
    const service = (...words: string[]) => systemd.run(process.execPath, SPIKEWIRE, 'service', ...words);
    await service('install', '--name', 'air', '--', ...run);
    // What comes before it has subscribed is lost.
    await until(async () => {
      await link.publish('air', '20');
      return seqs.length > 0;
    });
    const state = await service('status', '--name', 'air', '--json');
    const { ActiveState, UnitFileState, MainPID } = JSON.parse(state);
    expect({ ActiveState, UnitFileState }).toEqual({ ActiveState: 'active', UnitFileState: 'enabled' });
    const status = await systemd.run('cat', `/proc/${MainPID}/status`);
    expect(Number(/^Uid:\t(\d+)/m.exec(status)![1])).toBeGreaterThanOrEqual(61_184);
    expect(status).toMatch(/^CapEff:\t0+$/m);
    expect(status).toMatch(/^NoNewPrivs:\t1$/m);
    await systemd.run('systemctl', 'restart', 'spikewire-air');
    const before = seqs.at(-1)!;
    await link.publish('air', '21');
    await until(() => seqs.at(-1)! > before);
    expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
    await service('remove', '--name', 'air');
    await expect(service('status', '--name', 'air')).rejects.toThrow('is not installed');
  } finally {
    await link.close();
    systemd.close();
    await broker.close();
    await rm(folder, { recursive: true });
  }
});
