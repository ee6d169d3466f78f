import { mkdtemp, open, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eachLine, type FileLinesOptions } from './file-lines.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-lines-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function linesOf(path: string, options: Partial<FileLinesOptions> = {}): Promise<string[]> {
  const file = await open(path);
  const lines: string[] = [];
  try {
    await eachLine(file, { path: 'a.txt', longest: 1 << 20, ...options }, (line, number) => {
      expect(number).toBe(lines.push(line));
    });
  } finally {
    await file.close();
  }
  return lines;
}

async function written(content: string | Uint8Array): Promise<string> {
  const path = join(folder, 'a.txt');
  await writeFile(path, content);
  return path;
}

/** What an expression says that sees all of the text at once. */
function splitAtOnce(text: string): string[] {
  const lines = text.split(/\r\n?|\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

describe('the lines of a file', () => {
  it('end as those of any system do', async () => {
    const unit = fc.constantFrom('a', 'é', '\n', '\r', '\r\n', '\u2028');
    await fc.assert(
      fc.asyncProperty(fc.string({ unit }), async (text) => {
        expect(await linesOf(await written(text))).toEqual(splitAtOnce(text));
      }),
    );
  });

  // A piece of the file is 65,536 bytes.
  it.each([65_534, 65_535, 65_536, 131_071, 131_072])('are whole across pieces: %d bytes in front', async (length) => {
    for (const text of ['é\r\nb', '\r\n\r\nb', '\n\n€', '\rb\n']) {
      const whole = 'x'.repeat(length) + text;
      expect(await linesOf(await written(whole))).toEqual(splitAtOnce(whole));
    }
  });

  it('are those of the beginning, where no more is asked for', async () => {
    expect(await linesOf(await written('ab\ncd\nef\n'), { end: 6 })).toEqual(['ab', 'cd']);
  });

  it('come no more when they are enough', async () => {
    const path = await written('a\nb\n');
    await truncate(path, 2 ** 40);
    const file = await open(path);
    const taken: string[] = [];
    await eachLine(file, { path, longest: 10 }, (line) => {
      taken.push(line);
      return taken.length < 2;
    });
    await file.close();
    expect(taken).toEqual(['a', 'b']);
  });

  it('have as many bytes as they may have and no more', async () => {
    expect(await linesOf(await written('a\néé\n'), { longest: 4 })).toEqual(['a', 'éé']);
    await expect(linesOf(await written('a\néé\n'), { longest: 3 })).rejects.toMatchObject({
      code: 'file',
      message: 'a.txt, line 2: has more than 3 bytes; expected a shorter line',
    });
  });

  it('are not read to their end where they have none', async () => {
    const path = await written('begin\n');
    await truncate(path, 2 ** 40);
    // A terabyte: whoever read all of it would never come back.
    await expect(linesOf(path)).rejects.toThrow('a.txt, line 2: has more than 1048576 bytes');
  });
});
