import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { SpikewireError } from '@spikewire/models';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { growthOf } from '../../../test/growth.ts';
import { loadRecordings, type RecordingSource } from './load.ts';
import { wavOf16 } from './wav.test-data.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-recordings-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function write(files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
}

const load = (source: Partial<RecordingSource> = {}) => loadRecordings({ path: folder, ...source });
/** What was found, without the folder in front. */
const found = async (source?: Partial<RecordingSource>) =>
  (await load(source)).all.map(({ path, label, group, samples }) => [
    path.slice(folder.length + 1).replaceAll('\\', '/'),
    label,
    group,
    samples.map((own) => [...own]),
  ]);

/** As NumPy 1.26 writes np.array([[1, 2], [3, 4]], '<i2'). */
const NPY = Buffer.concat([
  Buffer.from('\x93NUMPY\x01\0v\0', 'latin1'),
  Buffer.from(`${"{'descr': '<i2', 'fortran_order': False, 'shape': (2, 2), }".padEnd(117)}\n`),
  Uint8Array.of(1, 0, 2, 0, 3, 0, 4, 0),
]);
/** An array of bytes that are 0. */
function npy(shape: string, bytes: number): Buffer {
  const header = `{'descr': '|u1', 'fortran_order': False, 'shape': ${shape}, }\n`;
  const start = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length, 0];
  return Buffer.concat([Buffer.from(start), Buffer.from(header), Buffer.alloc(bytes)]);
}
/** A table of two classes in turn. */
function alternating(rows: number, channels: number): string {
  const names = Array.from({ length: channels }, (_, k) => `c${k}`);
  const numbers = ',1'.repeat(channels);
  return `kind,${names.join()}\n${`a${numbers}\nb${numbers}\n`.repeat(rows / 2)}`;
}
const RECORDED = [
  '{"format": "spikewire-recorded", "version": 1, "channels": ["x", "y"], "numbers": 4}',
  '{"t": 0, "label": "idle", "values": [1, 2, 10, 20]}',
  '{"t": 100, "label": "idle", "values": [3, 4, 30, 40]}',
  '{"t": 200, "label": "on", "values": [5, 6, 50, 60]}\n',
].join('\n');

describe('recordings', () => {
  it('lie in a folder for each class, and there in one for each group; what is not a recording is passed over', async () => {
    const wav = wavOf16([0, 1], 100);
    await write({
      'on/10.wav': wav,
      'on/9.WAV': wav,
      'off/anna/1.wav': wav,
      'off/.DS_Store': 'x',
      'off/notes.txt': 'x',
      'about.csv': 'x',
    });
    const samples = [[0, expect.closeTo(1, 4)]];
    expect(await found()).toEqual([
      ['off/anna/1.wav', 'off', undefined, samples],
      ['on/9.WAV', 'on', undefined, samples],
      ['on/10.wav', 'on', undefined, samples],
    ]);
    await rm(join(folder, 'on'), { recursive: true });
    await write({ 'on/ben/1.wav': wav });
    expect((await found({ group: 'folder' })).map(([, , group]) => group)).toEqual(['anna', 'ben']);
  });

  it('are tables with a column for the class and one for the group, of which stretches are cut', async () => {
    await write({ 't.csv': 'x,who,"y",kind,at\n1,a,2,on,12:00\n3,a,4,on,12:01\n5,b,6,on,12:02\n7,b,8,off,12:03\n' });
    const source = { path: join(folder, 't.csv'), labelColumn: 'kind', group: 'who', channels: ['y', 'x'] };
    expect(await found(source)).toEqual([
      [
        't.csv',
        'on',
        'a',
        [
          [2, 4],
          [1, 3],
        ],
      ],
      ['t.csv', 'on', 'b', [[6], [5]]],
      ['t.csv', 'off', 'b', [[8], [7]]],
    ]);
    expect((await load(source)).channels).toEqual(['y', 'x']);
  });

  it('are tables as a spreadsheet in Europe writes them', async () => {
    const rows = ['\uFEFFx, m/s²;Art;y', '1,5;"ein; aus";-2', '3;"ein; aus";4,25', ''];
    await write({ 't.csv': rows.join('\r\n'), 'a/1.csv': '1,5;2\n3;4,5\n', 'b/1.csv': '1,5\n3,4\n' });
    const source = { path: join(folder, 't.csv'), labelColumn: 'Art' };
    const samplesOf = async (from?: Partial<RecordingSource>) => (await found(from)).map(([, , , samples]) => samples);
    expect(await samplesOf(source)).toEqual([
      [
        [1.5, 3],
        [-2, 4.25],
      ],
    ]);
    expect(await load(source)).toMatchObject({ channels: ['x, m/s²', 'y'], all: [{ label: 'ein; aus' }] });
    expect(await samplesOf()).toEqual([
      [
        [1.5, 3],
        [2, 4.5],
      ],
      [
        [1, 3],
        [5, 4],
      ],
    ]);
  });

  it('are NumPy arrays, and what spikewire record writes, with its rate', async () => {
    await write({ 'a/1.npy': NPY, 'b/1.npy': NPY });
    expect(await load({ rate: 50 })).toMatchObject({ channels: ['ch1', 'ch2'], rate: 50 });
    expect((await found())[0]).toEqual([
      'a/1.npy',
      'a',
      undefined,
      [
        [1, 3],
        [2, 4],
      ],
    ]);
    await write({ 'r.jsonl': RECORDED });
    const source = { path: join(folder, 'r.jsonl'), labelColumn: 'label' };
    expect(await load(source)).toMatchObject({ channels: ['x', 'y'], rate: 20 });
    expect(await found(source)).toEqual([
      [
        'r.jsonl',
        'idle',
        undefined,
        [
          [1, 2, 3, 4],
          [10, 20, 30, 40],
        ],
      ],
      [
        'r.jsonl',
        'on',
        undefined,
        [
          [5, 6],
          [50, 60],
        ],
      ],
    ]);
  });

  it('are brought to the rate that is asked for, and need one where they differ', async () => {
    const steady = (count: number, rate: number) => wavOf16(Array(count).fill(0.5), rate);
    await write({ 'a/1.wav': steady(100, 1000), 'b/1.wav': steady(400, 4000) });
    await expect(load()).rejects.toThrow(
      /b.1\.wav: has 4000 samples per second; expected 1000, as .*a.1\.wav, or --rate/,
    );
    const { rate, all } = await load({ rate: 2000 });
    expect([rate, ...all.map(({ samples }) => samples[0]!.length)]).toEqual([2000, 199, 200]);
    for (const { samples } of all) for (const sample of samples[0]!) expect(sample).toBeCloseTo(0.5, 3);
  });

  it('are any bytes under any ending: they are read or refused, in one line that names a file', async () => {
    const cells = fc.string({ unit: fc.constantFrom('1', '.', ',', '"', '\n', '-', 'x', '\r', ' ', '\0', '{', '}') });
    const content = fc.oneof(
      cells,
      fc.uint8Array({ maxLength: 200 }),
      fc.constantFrom(NPY, RECORDED, wavOf16([0, 1], 9)),
    );
    const ending = fc.constantFrom('csv', 'npy', 'wav', 'jsonl');
    await fc.assert(
      fc.asyncProperty(
        content,
        content,
        ending,
        fc.constantFrom(undefined, 'label', 'x'),
        async (a, b, type, labelColumn) => {
          await rm(folder, { recursive: true, force: true });
          await write({ [`a/1.${type}`]: a, [`b/1.${type}`]: b });
          const found = await load(labelColumn === undefined ? {} : { labelColumn }).catch((problem) => problem);
          if (!(found instanceof Error)) return;
          expect(found).toBeInstanceOf(SpikewireError);
          expect(found.message).toContain(folder);
          expect(found.message).not.toContain('\n');
        },
      ),
      { numRuns: 200 },
    );
  });

  it.each<[string, Record<string, string | Uint8Array>, Partial<RecordingSource>, RegExp]>([
    ['no folders', { 'a.wav': '' }, {}, /: has no folders; expected one for each class, or --label-column/],
    ['one class', { 'a/1.csv': '1\n' }, {}, /: has one class, "a"; expected a folder for each of two or more/],
    [
      'an empty class',
      { 'a/1.csv': '1\n', 'b/readme.md': '' },
      {},
      /b: has no recordings; expected files that end in \.wav/,
    ],
    [
      'images',
      { 'a/1.PNG': '', 'b/1.png': '' },
      {},
      /a: has no recordings, but images \(1\.PNG\); expected files that end in \.wav.*; images are read with a mask each/,
    ],
    ['images in folders of a class', { 'a/x/1.jpg': '', 'b/1.csv': '1\n' }, {}, /a: .* but images \(1\.jpg\)/],
    [
      'a word for a number',
      { 'a/1.csv': 'x\n1\n', 'b/1.csv': 'x\n1\ntwo\n' },
      {},
      /b.1\.csv, line 3, column x: is "two"/,
    ],
    ['a hole in the first row', { 'a/1.csv': '1,,3\n', 'b/1.csv': '' }, {}, /a.1\.csv, line 1, column ch2: is ""/],
    ['a short row', { 'a/1.csv': 'x,y\n1,2\n3\n', 'b/1.csv': '' }, {}, /a.1\.csv, line 3: has 1 columns; expected 2/],
    ['two columns of a name', { 'a/1.csv': 'x,y,x\n1,2,3\n', 'b/1.csv': '' }, {}, /a.1\.csv: has two columns "x"/],
    ['no rows', { 'a/1.csv': '\n', 'b/1.csv': '1\n' }, {}, /a.1\.csv: has no samples/],
    ['a header alone', { 'a/1.csv': 'x,y\n', 'b/1.csv': 'x,y\n1,2\n' }, {}, /a.1\.csv: has no samples/],
    ['sound of no length', { 'a/1.csv': '1\n', 'b/1.wav': wavOf16([], 9) }, { rate: 9 }, /b.1\.wav: has no samples/],
    [
      'other channels',
      { 'a/1.csv': 'x\n1\n', 'b/1.csv': 'y\n1\n' },
      {},
      /b.1\.csv: has the channels y; expected x, as .*a.1\.csv/,
    ],
    [
      'no such channel',
      { 'a/1.csv': 'x\n1\n', 'b/1.csv': '1\n' },
      { channels: ['z'] },
      /a.1\.csv: has no channel "z"; expected x/,
    ],
    [
      'no such column',
      { 'a.csv': 'x\n1\n' },
      { labelColumn: 'kind' },
      /a\.csv: has no column "kind"; expected one of x/,
    ],
    [
      'a column of sound',
      { 'a.wav': wavOf16([0], 9) },
      { labelColumn: 'kind' },
      /a\.wav: has no column "kind"; expected tables/,
    ],
    ['no group', { 'a/1.csv': '1\n', 'b/1.csv': '1\n' }, { group: 'folder' }, /a.1\.csv: lies in no folder of a group/],
    [
      'a damaged array',
      { 'a/1.npy': NPY.subarray(0, 130), 'b/1.csv': '1\n' },
      {},
      /a.1\.npy: cannot be read \(.*has 2 bytes/,
    ],
    ['a rate of 0', { 'a/1.wav': wavOf16([0], 0), 'b/1.csv': '1\n' }, {}, /a.1\.wav: has 1 channels at 0 Hz/],
  ])('with %s are refused in one line', async (_, files, source, line) => {
    await write(files);
    await expect(load(source)).rejects.toThrow(line);
  });

  it.each<[string, Record<string, string | Uint8Array>, Partial<RecordingSource>, RegExp]>([
    [
      'no samples of very many channels',
      { 'a/1.npy': npy('(0, 50000000)', 0), 'b/1.csv': '1\n' },
      {},
      /a.1\.npy: has no samples; expected a recording$/,
    ],
    [
      'very many channels',
      { 'a/1.npy': npy('(1, 2000000)', 2_000_000), 'b/1.csv': '1\n' },
      {},
      /a.1\.npy: has 2000000 channels; expected at most 65536$/,
    ],
    [
      'very many columns',
      { 'a/1.csv': '1,'.repeat(500_000), 'b/1.csv': '1\n' },
      {},
      /a.1\.csv: has 500001 channels; expected at most 65536$/,
    ],
    [
      'another class in each row of many channels',
      { 't.csv': alternating(1000, 1100) },
      { labelColumn: 'kind' },
      /t\.csv: has more than 1048576 stretches of a class, times channels; expected fewer$/,
    ],
  ])('with %s are refused before memory is taken for them', async (_, files, source, line) => {
    await write(files);
    const before = process.memoryUsage().arrayBuffers;
    await expect(load(source)).rejects.toThrow(line);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 27);
  });

  it('with a line that never ends are refused, and it is not read to its end', async () => {
    await write({ 'a/1.csv': 'x\n', 'b/1.csv': '1\n' });
    await truncate(join(folder, 'a/1.csv'), 200_000_000);
    await expect(load()).rejects.toThrow(/a.1\.csv, line 2: has more than 1048576 bytes; expected a shorter line$/);
  });

  it('take time in proportion to their columns', { timeout: 120_000 }, async () => {
    const wide = async (columns: number) => {
      const table = `${Array.from({ length: columns }, (_, k) => `c${k}`).join()}\n${'1,'.repeat(columns - 1)}1\n`;
      await write({ 'a/1.csv': table, 'b/1.csv': table });
      expect((await load()).channels).toHaveLength(columns);
    };
    expect(await growthOf(wide, 4000)).toBeLessThan(24);
  });
});
