import { execFileSync } from 'node:child_process';
import { appendFile, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RecordedFile, readRecorded } from './recorded-file.ts';
import { Recording } from './recording.ts';

const SHAPE = { channels: ['x', 'y'], numbers: 2 };
const HEADER = `{"format":"spikewire-recorded","version":1,"channels":["x","y"],"numbers":2}\n`;
const reading = (t: number) => ({ t, label: 'idle', values: [t, -t] });

describe('a file of labelled readings', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'spikewire-recorded-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const open = (path: string, limit = 1e6) => RecordedFile.open(path, SHAPE, limit);

  async function record(path: string, ...times: number[]): Promise<void> {
    const file = await open(path);
    for (const t of times) await file.add(reading(t));
    await file.close();
  }

  it('goes on after any byte at which a power failure cut it', async () => {
    const path = join(folder, 'r.jsonl');
    await record(path, 1, 2);
    const whole = await readFile(path);
    for (let bytes = 0; bytes <= whole.length; bytes++) {
      await writeFile(path, whole.subarray(0, bytes));
      await record(path, 3);
      const before = whole.subarray(0, bytes).toString().split('\n').length - 2;
      const expected = [1, 2].slice(0, Math.max(0, before)).concat(3);
      expect((await readRecorded(path)).readings.map(({ t }) => t)).toEqual(expected);
    }
  });

  it('takes no more bytes than it may, names of channels included', async () => {
    const path = join(folder, 'r.jsonl');
    await expect(open(path, HEADER.length - 1)).rejects.toMatchObject({ code: 'input' });
    expect((await stat(path)).size).toBe(0);
    const line = `${JSON.stringify(reading(1))}\n`;
    const file = await open(path, HEADER.length + line.length + 10);
    expect([await file.add(reading(1)), await file.add(reading(1))]).toEqual([true, false]);
    await file.close();
    expect(await readFile(path, 'utf8')).toBe(HEADER + line);
  });

  it('is refused, and stays as it is, where it is there and has to be new', async () => {
    const path = join(folder, 'r.jsonl');
    await record(path, 1);
    const before = await readFile(path, 'utf8');
    const recording = new Recording({ path, label: 'idle', limit: 1e6, isNew: true });
    const message = new TextEncoder().encode('{"x": 2, "y": -2}');
    await expect(recording.add(message)).rejects.toMatchObject({
      code: 'file',
      message: expect.stringContaining('already exists'),
    });
    expect(await readFile(path, 'utf8')).toBe(before);
    await rm(path);
    expect(await recording.add(message)).toBe('added');
    await recording.close();
    expect((await readRecorded(path)).readings.map(({ values }) => [...values])).toEqual([[2, -2]]);
  });

  it('reads back names and labels of any characters', async () => {
    const path = join(folder, 'r.jsonl');
    const name = 'a\u2028b\u2029c\r\nd\u0085\u202e"\ud800é😀';
    const shape = { channels: [name], numbers: 1 };
    const written = { t: 1, label: name, values: [1] };
    for (let k = 0; k < 2; k++) {
      const file = await RecordedFile.open(path, shape, 1e6);
      await file.add(written);
      await file.close();
    }
    expect(await readRecorded(path)).toEqual({ shape, readings: [written, written] });
  });

  it.each([
    ['text without a line end', 'what I must not forget'],
    ['text', 'one\ntwo\nthree'],
    ['numbers', Uint8Array.from({ length: 5000 }, (_, k) => k % 251)],
    ['readings of another shape', `${HEADER.replace(',"y"', '')}{"t":1,"la`],
    ['half a line that begins in the same way', `${HEADER.slice(0, 20)}?`],
  ])('leaves a file alone that is not its own: %s', async (_, content) => {
    const path = join(folder, 'mine');
    await writeFile(path, content);
    await expect(open(path)).rejects.toMatchObject({ code: 'file', where: expect.stringContaining(path) });
    expect(Buffer.from(await readFile(path))).toEqual(Buffer.from(content as string));
  });

  it('refuses a line without an end, before it is read', async () => {
    const path = join(folder, 'r.jsonl');
    await writeFile(path, HEADER);
    await truncate(path, 2 ** 40);
    const expected = { code: 'file', message: `${path}: ends with a line of more than 4194304 bytes` };
    await expect(readRecorded(path)).rejects.toMatchObject({
      ...expected,
      message: expect.stringContaining(expected.message),
    });
    await expect(open(path)).rejects.toMatchObject({ code: 'file' });
    await truncate(path, HEADER.length + 600_000_000);
    await appendFile(path, '\n');
    await expect(readRecorded(path)).rejects.toMatchObject({
      code: 'file',
      message: `${path}, line 2: has more than 4194304 bytes; expected a shorter line`,
    });
  });

  it.skipIf(process.platform === 'win32')('refuses what is not a file', async () => {
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    for (const other of [path, '/dev/null']) {
      await expect(open(other)).rejects.toMatchObject({ code: 'file', where: other });
    }
    expect((await stat(path)).isFIFO()).toBe(true);
    for (const other of [path, '/dev/zero']) {
      await expect(readRecorded(other)).rejects.toMatchObject({ code: 'file', where: other });
    }
    await expect(readRecorded(folder)).rejects.toMatchObject({ code: 'file', where: folder });
  });
});
