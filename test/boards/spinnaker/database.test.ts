import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { needs } from '../../services.ts';
import { startTwin } from './twin-process.ts';

const DATABASE = fileURLToPath(new URL('../../golden/data/spinnaker/database.sqlite3', import.meta.url));
const OPEN = `
  const { acceleratorDrivers } = await import('@spikewire/devices/accelerators');
  const driver = acceleratorDrivers.find(({ scheme }) => scheme === 'spinnaker');
  const source = await driver.open(process.argv[1], {});
  console.log(source.name);
  await source.close();
`;

it('is read whatever the settings of sqlite3 in the home folder say', async (context) => {
  needs(context, 'sqlite3');
  const twin = await startTwin({});
  const home = await mkdtemp(join(tmpdir(), 'spikewire-home-'));
  onTestFinished(async () => {
    await twin.close();
    await rm(home, { recursive: true });
  });
  await writeFile(join(home, '.sqliterc'), '.print hello\n.headers on\n.mode csv\n');
  const address = `127.0.0.1:${twin.port}?network=${DATABASE}`;
  const [code, text] = await new Promise<[unknown, string]>((ended) => {
    const options = { env: { ...process.env, HOME: home } };
    const words = ['--input-type=module', '--eval', OPEN, address];
    execFile(process.execPath, words, options, (error, out, err) => ended([error?.code ?? 0, out + err]));
  });
  expect([code, text]).toEqual([0, `spinnaker 127.0.0.1:${twin.port}\n`]);
});
