import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { expect, it } from 'vitest';
import { Identity } from './identity.ts';
import { ControllerLink } from './link.ts';

it('shows its certificate to a proxy, and believes only the authority that it was given', async (context) => {
  if (spawnSync('openssl', ['version']).error) context.skip('needs openssl');
  const folder = await mkdtemp(join(tmpdir(), 'spikewire-tls-'));
  context.onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const pem = (name: string) => readFile(join(folder, name), 'utf8');
  for (const [name, subject] of Object.entries({ proxy: 'localhost', device: 'pump north' })) {
    const made = ['req', '-x509', '-newkey', 'ed25519', '-nodes', '-keyout', `${name}.key`, '-out', `${name}.pem`];
    const said = ['-subj', `/CN=${subject}`, '-addext', 'subjectAltName=DNS:localhost'];
    execFileSync('openssl', [...made, ...said], { cwd: folder, stdio: 'pipe' });
  }
  const [ca, cert, key] = [await pem('proxy.pem'), await pem('device.pem'), await pem('device.key')];
  const settings = { cert: ca, key: await pem('proxy.key'), ca: cert, requestCert: true, rejectUnauthorized: false };
  const server = createServer(settings, (request, response) => {
    const { authorized } = request.socket as TLSSocket;
    const device = request.headers['spikewire-device'];
    response.writeHead(authorized ? 200 : 403).end(JSON.stringify(authorized ? { device } : { error: 'no client' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.onTestFinished(() => void server.close());
  const controller = `https://localhost:${(server.address() as AddressInfo).port}`;
  const identity = (await Identity.open(folder, { controller, token: 'one-time' }))!;
  const joinWith = (tls?: object) =>
    new ControllerLink(identity, { tls }).join('one-time', new AbortController().signal);
  expect(await joinWith({ ca, cert, key })).toEqual({ kind: 'joined' });
  await expect(joinWith({ ca })).rejects.toThrow('no client');
  await expect(joinWith()).rejects.toMatchObject({ code: 'link', message: expect.stringContaining('self-signed') });
});
