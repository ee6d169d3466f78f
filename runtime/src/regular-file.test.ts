import { execFileSync } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRegularFile, readWholeFile } from './regular-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-file-'));
});
afterEach(() => rm(folder, { recursive: true }));

const read = (path: string, most = 100) => readWholeFile(path, most, 'a model file');

describe('a regular file', () => {
  it('is read as it is, up to the limit', async () => {
    const path = join(folder, 'a');
    const bytes = Buffer.from(Array.from({ length: 100 }, (_, k) => k));
    await writeFile(path, bytes);
    expect(await read(path)).toEqual(bytes);
    await expect(read(path, 99)).rejects.toMatchObject({
      code: 'file',
      message: `${path}: has 100 bytes; expected at most 99`,
    });
  });

  it('may be empty', async () => {
    const path = join(folder, 'a');
    await writeFile(path, '');
    expect(await read(path)).toHaveLength(0);
  });

  it('of any size is refused without being read', async () => {
    const path = join(folder, 'sparse');
    await writeFile(path, '');
    await truncate(path, 2 ** 40);
    const before = process.memoryUsage().external;
    await expect(read(path, 2 ** 30)).rejects.toThrow('has 1099511627776 bytes; expected at most 1073741824');
    expect(process.memoryUsage().external - before).toBeLessThan(2 ** 24);
  });

  it('that grows is read as far as it went when it was opened', async () => {
    const path = join(folder, 'a');
    await writeFile(path, 'beginning');
    const reading = read(path, 9999).then(
      ({ length }) => length,
      (problem: Error) => problem.message,
    );
    for (let k = 0; k < 50; k++) await appendFile(path, 'x'.repeat(1000));
    // When it was opened there may have been more than the beginning, but never more than is allowed.
    expect(String(await reading)).toMatch(/^(\d{0,3}9|.*: has \d+009 bytes; expected at most 9999)$/);
  });
});

describe('what is not a regular file is refused at once', () => {
  it.each(['/dev/zero', '/dev/null'])('%s', async (path) => {
    const line = `${path}: is not a regular file; expected a model file`;
    await expect(read(path)).rejects.toMatchObject({ code: 'file', message: line });
    await expect(openRegularFile(path, 'a model file')).rejects.toThrow(line);
  });

  it('a FIFO that nobody writes to', async () => {
    const path = join(folder, 'fifo');
    execFileSync('mkfifo', [path]);
    await expect(read(path)).rejects.toThrow('is not a regular file; expected a model file');
  });

  it('a folder', async () => {
    await mkdir(join(folder, 'inner'));
    await expect(read(join(folder, 'inner'))).rejects.toThrow('is a folder; expected a model file');
  });

  it('nothing', async () => {
    await expect(read(join(folder, 'none'))).rejects.toThrow('none: does not exist; expected a model file');
  });
});
