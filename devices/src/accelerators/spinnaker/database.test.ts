import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { readDatabase } from './database.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

it('rejects in a line where sqlite3 answers in another form, and reads no settings of the user', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'spikewire-sqlite-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const program = join(folder, 'sqlite3');
  await writeFile(program, '#!/bin/sh\n[ "$1 $2" = "-init /dev/null" ] || exit 1\necho hello\n');
  await chmod(program, 0o755);
  vi.stubEnv('PATH', `${folder}:${process.env.PATH}`);
  await expect(readDatabase('/net.sqlite3')).rejects.toMatchObject({
    code: 'file',
    message: 'database /net.sqlite3: is answered by sqlite3 in another form; expected JSON',
  });
});
