import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { readOwnersLine } from './owners-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-owner-'));
  await writeFile(join(folder, 'secret'), 'word\nmore');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

const read = async (mode: number) => {
  await chmod(join(folder, 'secret'), mode);
  return readOwnersLine(join(folder, 'secret'), 'secret file').catch(({ message }) => message);
};
const REFUSED = expect.stringContaining('is accessible to other users');

it('is read where nobody else may use it, and with the rights that systemd gives where that handed it over', async () => {
  expect([await read(0o600), await read(0o440), await read(0o404)]).toEqual(['word', REFUSED, REFUSED]);
  vi.stubEnv('CREDENTIALS_DIRECTORY', folder);
  expect([await read(0o440), await read(0o460), await read(0o444)]).toEqual(['word', REFUSED, REFUSED]);
  vi.stubEnv('CREDENTIALS_DIRECTORY', `${folder}x`);
  expect(await read(0o440)).toEqual(REFUSED);
});
