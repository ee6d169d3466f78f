import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { hasOtherUsers } from './other-users.ts';

const system = [
  'root:x:0:0:root:/root:/bin/bash',
  'daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin',
  'sync:x:4:65534:sync:/bin:/bin/sync',
  '_ntp:x:101:101::/nonexistent:/bin/false',
];
const pi = 'pi:x:1000:1000:,,,:/nowhere/pi:/bin/bash';
const guest = 'guest:x:1001:1001::/nowhere/guest:/usr/bin/zsh';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-users-'));
});
afterAll(() => rm(folder, { recursive: true }));

it.runIf(process.platform === 'linux').each([
  ['system accounts only', system, 0, false],
  ['the own account', [...system, pi], 1000, false],
  ['another account, seen by a service', [...system, pi], 990, true],
  ['a second account', [...system, pi, guest], 1000, true],
  ['an account without a named shell, which is /bin/sh', [...system, 'old:x:1002:1002::/nowhere/old:'], 1000, true],
  ['comments and empty lines', ['# accounts', '', ...system, ''], 0, false],
])('knows %s', async (_, lines, user, others) => {
  const list = join(folder, 'passwd');
  await writeFile(list, lines.join('\n'));
  expect(await hasOtherUsers(list, user)).toBe(others);
});

it('takes it that there are others where there is no list', async () => {
  expect(await hasOtherUsers(join(folder, 'absent'), 0)).toBe(true);
});
