import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readNMnist, readPropheseeDat } from 'spikewire';
import { describe, expect, it, type TestContext } from 'vitest';
import { needsRecorded } from './data.ts';

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
});
