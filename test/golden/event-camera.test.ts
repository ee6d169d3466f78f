import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as zlib from 'node:zlib';
import { type AddressEvents, readAedat, readNMnist, readPropheseeDat } from 'spikewire';
import { describe, expect, it, type TestContext } from 'vitest';
import { needsRecorded, readGolden, readGoldenBytes } from './data.ts';

const sum = (numbers: Iterable<number>) => [...numbers].reduce((all, each) => all + each, 0);

function recording(context: TestContext, name: string): Uint8Array {
  return new Uint8Array(readFileSync(join(needsRecorded(context, 'event-samples'), name)));
}

describe('recordings of event cameras', () => {
  it('N-MNIST: 4325 events on 34 × 34 within 0.4 s', (context) => {
    const { time, x, y } = readNMnist(recording(context, 'sample_nmnist.bin'));
    expect(time.length).toBe(4325);
    expect(Math.max(...x, ...y)).toBeLessThan(34);
    expect(time.at(-1)).toBeLessThan(0.4);
  });

  it('N-CARS: on at most 120 × 100 within 0.1 s', (context) => {
    const { time, x, y, polarity } = readPropheseeDat(recording(context, 'sample_ncars.dat'));
    expect(time.length).toBeGreaterThan(1000);
    expect(Math.max(...x)).toBeLessThan(120);
    expect(Math.max(...y)).toBeLessThan(100);
    expect(time.at(-1)).toBeLessThanOrEqual(0.1);
    expect(new Set(polarity)).toEqual(new Set([0, 1]));
  });

  // Counts and sums of `address-events.py sample.aedat4`, which decompresses by the command lz4.
  it('AEDAT 4: 111,954 events of a DVXplorer', (context) => {
    const { time, x, y, polarity, size, start, disordered } = readAedat(recording(context, 'sample.aedat4'));
    expect([time.length, sum(x), sum(y), sum(polarity)]).toEqual([111_954, 18_342_405, 15_105_898, 55_023]);
    expect([start, Math.round(1e6 * time.at(-1)!)]).toEqual([1_605_537_493_718_345, 589_917]);
    expect([size, disordered]).toEqual([{ width: 320, height: 240 }, 0]);
  });

  it('AEDAT 2: a header without events', (context) => {
    const { time, size } = readAedat(recording(context, 'sample_aedat_header.aedat'));
    expect([time.length, size]).toEqual([0, { width: 346, height: 260 }]);
  });
});

describe('recordings of the same events, as address-events.py writes them', () => {
  const expected = readGolden('address-events/events.json') as [number, number, number, number][];
  const start = expected[0]![0];
  const read = (name: string) => readAedat(readGoldenBytes(`address-events/${name}`));
  const listed = ({ time, x, y, polarity }: AddressEvents) =>
    Array.from(time, (seconds, k) => [start + Math.round(1e6 * seconds), x[k], y[k], polarity[k]]);
  const size = { width: 346, height: 260 };

  it.each([
    ['two.aedat', size, 0xffffff00],
    ['three.aedat', undefined, start],
    ['plain.aedat4', size, start],
    ['lz4.aedat4', size, start],
    ['lz4-high.aedat4', size, start],
  ])('%s', (name, itsSize, itsStart) => {
    const events = read(name);
    expect(listed(events)).toEqual(expected);
    expect([events.size, events.start, events.disordered]).toEqual([itsSize, itsStart, 0]);
  });

  it('zstd.aedat4, where Node.js has Zstandard', () => {
    if ('zstdDecompressSync' in zlib) expect(listed(read('zstd.aedat4'))).toEqual(expected);
    else
      expect(() => read('zstd.aedat4')).toThrow(
        /^recording: Node.js \S+ has no Zstandard; expected LZ4, or Node.js 22/,
      );
  });
});
