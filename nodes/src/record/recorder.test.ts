import { mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { readRecorded } from 'spikewire/recorded';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Recorded, Recorder, type RecorderSettings, type RecorderState } from './recorder.ts';

const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

let folder: string;
let recorder: Recorder;
const ended: Recorded[] = [];
const states: RecorderState[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-recorder-'));
});

afterEach(async () => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  await recorder.close();
  ended.length = 0;
  states.length = 0;
  await rm(folder, { recursive: true });
});

function make(settings: Partial<RecorderSettings> = {}): Recorder {
  const usual = { form: {}, bytesPerFile: 1e6, files: 100, perSecond: 1e6, seconds: undefined };
  recorder = new Recorder(
    { folder: join(folder, 'below', 'recordings'), ...usual, ...settings },
    { changed: (state) => states.push(state), ended: (recorded) => ended.push(recorded) },
  );
  return recorder;
}

/** Of the recordings that are over: folder, label and first channel. */
async function written() {
  return Promise.all(
    ended.map(async ({ file }) => {
      const { readings } = await readRecorded(file);
      const place = relative(join(folder, 'below', 'recordings'), dirname(file));
      return [place, readings[0]!.label, readings.map(({ values }) => values[0])];
    }),
  );
}

describe('a recorder', () => {
  it('makes no more folders than it may have recordings, whatever labels come with messages that are none', async () => {
    make({ files: 5 });
    for (let k = 0; k < 20; k++) {
      await recorder.start();
      await recorder.take(bytes('nothing'), `class ${k}`).catch(() => {});
    }
    expect(await readdir(join(folder, 'below', 'recordings'))).toHaveLength(5);
  });

  it('has a file of its own beside another recorder that begins in the same millisecond', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const both = [make(), make()];
    for (const one of both) {
      await one.start();
      await one.take(bytes({ x: 1 }), 'idle');
    }
    await Promise.all(both.map((one) => one.close()));
    expect(new Set(ended.map(({ file }) => file)).size).toBe(2);
  });

  it('writes what comes between a start and a stop, a file for each label in a row', async () => {
    make();
    await recorder.take(bytes({ x: 0 }), 'idle');
    await recorder.start();
    for (const [x, label] of [
      [1, 'idle'],
      [2, 'idle'],
      [3, 'läuft'],
      [4, undefined],
      [5, 'idle'],
    ] as const)
      await recorder.take(bytes({ x, y: -x }), label);
    await recorder.stop();
    await recorder.take(bytes({ x: 6 }), 'idle');
    expect(await written()).toEqual([
      ['idle', 'idle', [1, 2]],
      ['läuft', 'läuft', [3]],
      ['', '', [4]],
      ['idle', 'idle', [5]],
    ]);
    expect(ended.map(({ end }) => end)).toEqual(['label', 'label', 'label', 'stopped']);
    expect(states.at(-1)).toEqual({ recording: false, label: 'idle', readings: 1 });
  });

  it('takes each reading between a start and a stop, however fast they come', async () => {
    make();
    const asked: Promise<void>[] = [];
    for (let k = 0; k < 3; k++) {
      asked.push(recorder.start('a'), ...[1, 2].map((x) => recorder.take(bytes(x), undefined)), recorder.stop());
      asked.push(recorder.take(bytes(9), undefined));
    }
    await Promise.all(asked);
    expect(await written()).toEqual(Array(3).fill(['a', 'a', [1, 2]]));
  });

  it('takes the label that was said at the start for all, and leaves out what is not a reading', async () => {
    make();
    await recorder.start('worn');
    await recorder.take(bytes([1, 2]), 'idle');
    for (const bad of [bytes([1]), bytes(['a', 2]), bytes(null), Uint8Array.of(0xff)])
      await expect(recorder.take(bad, undefined)).rejects.toMatchObject({ code: 'input' });
    await recorder.take(bytes([3, 4]), undefined);
    await recorder.start();
    expect(await written()).toEqual([['worn', 'worn', [1, 3]]]);
    expect(ended).toMatchObject([{ readings: 2, bad: 4, dropped: 0 }]);
  });

  it.each(['..', '../x', 'a/b', 'a\\b', '.hidden', 'x.', ' x', 'a\u0000', 'a\nb', 'a\u202eb', 'ä'.repeat(33)])(
    'takes no label that a folder cannot have: %j',
    async (label) => {
      make();
      await expect(recorder.start(label)).rejects.toMatchObject({ code: 'input' });
      await recorder.start();
      await expect(recorder.take(bytes(1), label)).rejects.toMatchObject({ code: 'input' });
      await recorder.take(bytes(1), 'good');
      await recorder.stop();
      expect(await readdir(folder)).toEqual(['below']);
      expect(await written()).toEqual([['good', 'good', [1]]]);
    },
  );

  it('ends with a file that is as large as it may be, and begins none beyond their number', async () => {
    make({ bytesPerFile: 200, files: 2 });
    for (let k = 0; k < 2; k++) {
      await recorder.start('a');
      for (let x = 0; x < 10; x++) await recorder.take(bytes(x), undefined);
      expect(recorder.state.recording).toBe(false);
      expect(ended.at(-1)).toMatchObject({ end: 'full' });
      expect((await readFile(ended.at(-1)!.file)).length).toBeLessThanOrEqual(200);
    }
    await recorder.start('b');
    await expect(recorder.take(bytes(1), undefined)).rejects.toMatchObject({ code: 'budget' });
    expect(recorder.state.recording).toBe(false);
    expect(ended).toHaveLength(2);
  });

  it('holds readings to its rate, and counts those that came faster', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    make({ perSecond: 10 });
    await recorder.start('a');
    for (let k = 0; k < 1000; k++) {
      await recorder.take(bytes(k), undefined);
      vi.advanceTimersByTime(10);
    }
    await recorder.stop();
    const [{ readings, dropped }] = ended as [Recorded];
    expect(readings + dropped).toBe(1000);
    expect(readings).toBeGreaterThanOrEqual(100);
    expect(readings).toBeLessThanOrEqual(102);
  });

  it('ends after its seconds', async () => {
    make({ seconds: 0.02 });
    await recorder.start('a');
    await recorder.take(bytes(1), undefined);
    await vi.waitFor(() => expect(ended).toMatchObject([{ end: 'stopped', readings: 1 }]));
  });

  it('never writes into a file that is there', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    await make().start('a');
    await recorder.take(bytes(1), undefined);
    await recorder.close();
    const file = ended[0]!.file.replace(/\d+(?=\.jsonl$)/, (count) => String(Number(count) + 1));
    await writeFile(file, 'of somebody else');
    await make().start('a');
    await expect(recorder.take(bytes(2), undefined)).rejects.toMatchObject({
      code: 'file',
      message: expect.stringContaining('already exists'),
    });
    expect(await readFile(file, 'utf8')).toBe('of somebody else');
    expect(await written()).toEqual([['a', 'a', [1]]]);
  });

  it('stops on a full disk, and what was written stays readable', async () => {
    make();
    await recorder.start('a');
    await recorder.take(bytes(1), undefined);
    const handle = await open(join(folder, 'any'), 'w');
    const full = Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
    vi.spyOn(Object.getPrototypeOf(handle), 'appendFile').mockRejectedValue(full);
    await handle.close();
    await expect(recorder.take(bytes(2), undefined)).rejects.toThrow('does not fit on the disk');
    expect(recorder.state.recording).toBe(false);
    expect(ended).toMatchObject([{ end: 'failed', readings: 1 }]);
    vi.restoreAllMocks();
    await recorder.take(bytes(3), undefined);
    await recorder.start('a');
    await recorder.take(bytes(4), undefined);
    await recorder.stop();
    expect(await written()).toEqual([
      ['a', 'a', [1]],
      ['a', 'a', [4]],
    ]);
    expect(basename(ended[0]!.file)).not.toBe(basename(ended[1]!.file));
  });
});
