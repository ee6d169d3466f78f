import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RecordedFile, readRecorded } from './recorded-file.ts';

const SHAPE = { channels: ['level'], numbers: 2 };
let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-recorded-'));
  path = join(folder, 'r.jsonl');
});

afterEach(() => rm(folder, { recursive: true }));

async function record(count: number, label: string, limit = 1e6): Promise<number> {
  const file = await RecordedFile.open(path, SHAPE, limit);
  let added = 0;
  for (let k = 0; k < count; k++) if (await file.add({ t: k, label, values: [k, -k / 3] })) added++;
  await file.close();
  return added;
}

describe('labelled readings in a file', () => {
  it('are read as they were written, also over several openings', async () => {
    await record(3, 'idle');
    await record(2, 'läuft "x"\n');
    const { shape, readings } = await readRecorded(path);
    expect(shape).toEqual(SHAPE);
    expect(readings.map(({ label }) => label)).toEqual([...Array(3).fill('idle'), ...Array(2).fill('läuft "x"\n')]);
    expect(readings[2]).toEqual({ t: 2, label: 'idle', values: [2, -2 / 3] });
  });

  it('lose no whole reading wherever the file is cut off', async () => {
    await record(4, 'idle');
    const whole = await readFile(path);
    const header = whole.indexOf(10) + 1;
    for (let length = header; length <= whole.length; length++) {
      await writeFile(path, whole.subarray(0, length));
      const lines = whole.subarray(header, length).filter((byte) => byte === 10).length;
      expect((await readRecorded(path)).readings).toHaveLength(lines);
      await record(1, 'after');
      const { readings } = await readRecorded(path);
      expect(readings.map(({ label }) => label)).toEqual([...Array(lines).fill('idle'), 'after']);
    }
  });

  it('stay within the limit', async () => {
    const added = await record(1000, 'idle', 2000);
    expect(added).toBeGreaterThan(10);
    expect(added).toBeLessThan(1000);
    expect((await stat(path)).size).toBeLessThanOrEqual(2000);
    expect(await record(1, 'idle', 2000)).toBe(0);
  });

  it('are refused where they are of another shape, or no readings, by the line', async () => {
    await record(1, 'idle');
    await expect(RecordedFile.open(path, { channels: [], numbers: 3 }, 1e6)).rejects.toThrow('holds readings of 2');
    await appendFile(path, '{"t": 1, "label": "idle", "values": [1]}\n');
    await expect(readRecorded(path)).rejects.toThrow(/r\.jsonl, line 3: is no reading; expected .* with 2 numbers/);
    await writeFile(path, 'a,b\n1,2\n');
    await expect(readRecorded(path)).rejects.toThrow('line 1: is no JSON');
    await writeFile(path, '');
    await expect(readRecorded(path)).rejects.toThrow('is empty');
  });
});
