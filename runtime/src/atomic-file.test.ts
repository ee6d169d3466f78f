import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeWhole } from './atomic-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-file-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('a file that is written whole', () => {
  it('takes the place of the one before', async () => {
    const path = join(folder, 'file');
    await writeFile(path, 'old');
    await writeWhole(path, 'new');
    expect(await readFile(path, 'utf8')).toBe('new');
    expect(await readdir(folder)).toEqual(['file']);
  });

  it('leaves nothing behind where it cannot be one', async () => {
    await mkdir(join(folder, 'taken'));
    await expect(writeWhole(join(folder, 'taken'), 'new')).rejects.toThrow(/taken: is a folder; expected a file/);
    expect(await readdir(folder)).toEqual(['taken']);
  });
});
