import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { expect, it } from 'vitest';
import { newCertificate } from './certificates.test-data.ts';
import { Identity } from './identity.ts';
import { ControllerLink } from './link.ts';

it('shows its certificate to a proxy, and believes only the authority that it was given', async (context) => {
  if (spawnSync('openssl', ['version']).error) context.skip('needs openssl');
  const folder = await mkdtemp(join(tmpdir(), 'spikewire-tls-'));
  context.onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const [proxy, device] = [await newCertificate(folder, 'proxy'), await newCertificate(folder, 'device')];
  const settings = { ...proxy, ca: device.cert, requestCert: true, rejectUnauthorized: false };
  const server = createServer(settings, (request, response) => {
    const { authorized } = request.socket as TLSSocket;
    const id = request.headers['spikewire-device'];
    response
      .writeHead(authorized ? 200 : 403)
      .end(JSON.stringify(authorized ? { device: id } : { error: 'no client' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.onTestFinished(() => void server.close());
  const controller = `https://localhost:${(server.address() as AddressInfo).port}`;
  const identity = (await Identity.open(folder, { controller, token: 'one-time' }))!;
  const joinWith = (tls?: object) =>
    new ControllerLink(identity, { tls }).join('one-time', new AbortController().signal);
  expect(await joinWith({ ca: proxy.cert, ...device })).toEqual({ kind: 'joined' });
  await expect(joinWith({ ca: proxy.cert })).rejects.toThrow('no client');
  await expect(joinWith()).rejects.toMatchObject({ code: 'link', message: expect.stringContaining('self-signed') });
});
