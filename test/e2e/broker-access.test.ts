import { execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nextReadingModel, writeModel } from '@spikewire/models';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { needs } from '../services.ts';
import { runCommand, startCommand } from './command.ts';
import { freePort, startMosquitto } from './mosquitto.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-broker-access-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('shows a certificate to a broker that wants one, and believes it by the authority that it was told', async (context) => {
  needs(context, 'mosquitto');
  makeCertificates();
  const port = await freePort();
  const names = { cafile: 'ca.pem', certfile: 'server.pem', keyfile: 'server.key' };
  const files = Object.entries(names).map(([word, name]) => `${word} ${join(folder, name)}`);
  const broker = (await startMosquitto([`listener ${port} 127.0.0.1`, ...files, 'require_certificate true']))!;
  try {
    const url = ['--mqtt', `mqtts://127.0.0.1:${port}`, '--json'];
    const own = ['--mqtt-cert', 'client.pem', '--mqtt-key', 'client.key'];
    expect(await brokerFinding([...url, '--mqtt-ca', 'ca.pem', ...own])).toMatchObject({
      state: 'ok',
      found: expect.stringMatching(
        `^mqtts://127.0.0.1:${port} answers with MQTT 5, round trip of a message: [0-9.]+ ms$`,
      ),
    });
    expect(await brokerFinding([...url, '--mqtt-ca', 'ca.pem'])).toMatchObject({ state: 'bad' });
    expect(await brokerFinding([...url, ...own])).toMatchObject({
      state: 'bad',
      found: expect.stringContaining(
        'its certificate is not signed by a known authority; expected certificates by --mqtt-ca',
      ),
    });
  } finally {
    await broker.close();
  }
});

it('hides a password of the URL from the list of processes, and warns of it', async (context) => {
  needs(context, 'mosquitto');
  const broker = (await startMosquitto())!;
  const channels = [{ name: 'level', unit: 'm' }];
  await writeFile(join(folder, 'level.spike'), writeModel(nextReadingModel({ channels, neurons: 10 })));
  const url = broker.url.replace('//', '//spikewire:open-sesame@');
  const command = startCommand(['run', 'level.spike', '--mqtt', url, '--in', 'a', '--out', 'b'], folder);
  try {
    await command.says(/running/);
    if (process.platform === 'linux') {
      const line = await readFile(`/proc/${command.process.pid}/cmdline`, 'utf8');
      expect(line).toContain(broker.url.replace('//', '//***@'));
      expect(line).not.toContain('sesame');
    }
    expect(command.stderr()).toMatch(
      /^spikewire: --mqtt has a password, .*--mqtt-password-file or SPIKEWIRE_MQTT_PASS/m,
    );
    expect(command.stdout() + command.stderr()).not.toContain('sesame');
  } finally {
    command.process.kill('SIGTERM');
    await command.ended;
    await broker.close();
  }
});

async function brokerFinding(words: readonly string[]) {
  const { stdout } = await runCommand(['doctor', ...words], folder);
  return (JSON.parse(stdout).findings as { check: string }[]).find(({ check }) => check === 'broker');
}

/** An authority, and a server and a client for which it vouches. */
function makeCertificates(): void {
  const openssl = (...words: string[]) => execFileSync('openssl', words, { cwd: folder, stdio: 'pipe' });
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  openssl(...request, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=test authority');
  for (const name of ['server', 'client']) {
    const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const leaf = ['-addext', 'basicConstraints=CA:FALSE', '-subj', `/CN=${name}`];
    openssl(...request, '-keyout', `${name}.key`, '-out', `${name}.pem`, ...signed, ...leaf);
    chmodSync(join(folder, `${name}.key`), 0o600);
  }
}
