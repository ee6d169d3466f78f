import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { deviceProblem } from './problem.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-problem-'));
});
afterEach(() => rm(folder, { recursive: true }));

const forbidden = { code: 'EACCES' };

it('what is forbidden has the command that mends it: a group where there is one, else a rule', async (context) => {
  const file = join(folder, 'ttyUSB0');
  await writeFile(file, '');
  await chmod(file, 0o660);
  if (process.getuid!() !== 0) return context.skip('needs root, to give a file to a group');
  await chown(file, 0, 29); // audio, on every Debian
  const { message } = await deviceProblem(file, forbidden, 'a rule of udev');
  expect(message).toBe(
    `${file}: is not accessible to this user (EACCES); expected membership of the group audio: sudo usermod -aG audio $USER, and then a new login`,
  );
  await chmod(file, 0o600);
  expect((await deviceProblem(file, forbidden, 'a rule of udev')).message).toMatch(/; expected a rule of udev$/);
  expect((await deviceProblem(file, { code: 'EIO' }, 'a rule')).message).toBe(`${file}: does not answer (EIO)`);
});
