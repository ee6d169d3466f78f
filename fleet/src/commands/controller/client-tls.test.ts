import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommandArguments } from 'spikewire/cli';
import { expect, it } from 'vitest';
import { ControllerClient } from './client.ts';

it('believes a proxy only by the authority of --controller-ca, and sends it no token before', async (context) => {
  if (spawnSync('openssl', ['version']).error) context.skip('needs openssl');
  const folder = await mkdtemp(join(tmpdir(), 'spikewire-client-tls-'));
  context.onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const name of ['proxy', 'other']) {
    const made = ['req', '-x509', '-newkey', 'ed25519', '-nodes', '-keyout', `${name}.key`, '-out', `${name}.pem`];
    const said = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    execFileSync('openssl', [...made, ...said], { cwd: folder, stdio: 'pipe' });
  }
  const [cert, key] = await Promise.all(['pem', 'key'].map((end) => readFile(join(folder, `proxy.${end}`))));
  const seen: (string | undefined)[] = [];
  const server = createServer({ cert, key }, (request, response) => {
    seen.push(request.headers.authorization);
    response.end('{"person":"ann"}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.onTestFinished(() => void server.close());
  await writeFile(join(folder, 'token'), 'secret\n', { mode: 0o600 });
  const options: Record<string, string> = {
    controller: `https://localhost:${(server.address() as AddressInfo).port}`,
    'token-file': join(folder, 'token'),
  };
  const ask = async (ca?: string) => {
    const given: Record<string, string> = { ...options, ...(ca && { 'controller-ca': join(folder, ca) }) };
    const client = await ControllerClient.of({ text: (name) => given[name] } as CommandArguments);
    return client.get('/v1/status');
  };
  await expect(ask()).rejects.toMatchObject({ code: 'link', message: expect.stringContaining('SELF_SIGNED') });
  await expect(ask('other.pem')).rejects.toMatchObject({ code: 'link' });
  expect(seen).toEqual([]);
  expect(await ask('proxy.pem')).toEqual({ person: 'ann' });
  expect(seen).toEqual(['Bearer secret']);
  await expect(ask('absent.pem')).rejects.toMatchObject({ code: 'usage' });
});
