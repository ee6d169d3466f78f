import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { prepareFile, workFor, writeWhole } from './atomic-file.ts';

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

  it('takes the place of no device, pipe or socket, by its name or through a link', async (context) => {
    context.skip(platform() === 'win32', 'has no such files');
    const [path, link] = [join(folder, 'socket'), join(folder, 'link')];
    const server = createServer().listen(path);
    await once(server, 'listening');
    await symlink(path, link);
    for (const name of [path, link]) {
      await expect(writeWhole(name, 'new')).rejects.toThrow(
        `${name}: is not a file; expected a file that can be written`,
      );
      expect((await stat(name)).isSocket()).toBe(true);
    }
    expect(await readdir(folder)).toEqual(['link', 'socket']);
    server.close();
  });
});

describe('a file that work is done for', () => {
  it('gets its folder, with those above it, also by several at once', async () => {
    const paths = ['a/b/c/one', 'a/b/c/two', 'a/b/three'].map((name) => join(folder, name));
    await Promise.all(paths.map(prepareFile));
    expect(await readdir(folder, { recursive: true })).toEqual(['a', 'a/b', 'a/b/c']);
    await prepareFile(paths[0]!);
  });

  it('is refused below a file, and where there can be no folder', async (context) => {
    await writeFile(join(folder, 'file'), '');
    await expect(prepareFile(join(folder, 'file/x'))).rejects.toThrow(/expected a file that can be written/);
    await expect(prepareFile(join(folder, 'file/x/y'))).rejects.toThrow(/is below a file, not below a folder/);
    context.skip(platform() !== 'linux', 'needs /proc');
    await expect(prepareFile('/proc/none/x/y')).rejects.toThrow(/in a folder that does not exist; expected a file/);
  });

  it('leaves no folder behind where the work fails, but what somebody put there meanwhile', async () => {
    const failing = (path: string, work = async () => {}) =>
      workFor(join(folder, path), async () => {
        await work();
        throw new Error('no data');
      });
    await mkdir(join(folder, 'old'));
    for (const path of ['file', 'old/file', 'old/new/file', 'a/b/file'])
      await expect(failing(path)).rejects.toThrow('no data');
    expect(await readdir(folder, { recursive: true })).toEqual(['old']);
    const note = () => writeFile(join(folder, 'a/note'), '');
    await expect(failing('a/b/file', note)).rejects.toThrow('no data');
    expect(await readdir(folder, { recursive: true })).toEqual(['a', 'old', 'a/note']);
    expect(await workFor(join(folder, 'c/file'), async () => 5)).toBe(5);
    expect(await readdir(folder)).toContain('c');
  });
});
