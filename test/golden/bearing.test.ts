import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { FeatureChain } from '@spikewire/models';
import { describe, expect, it, type TestContext } from 'vitest';
import { needsRecorded } from './data.ts';

interface Recording {
  readonly file: string;
  /** Where the samples are: float32 in gzip. */
  readonly path: string;
  readonly fault: string;
  readonly sizeMil: string | null;
}

/**
 * Bearing vibrations of Case Western Reserve University: drive-end accelerometer, faults of the inner race (IR), the
 * outer race (OR) and the balls (B). The healthy recording has its shaft harmonics, multiples of 29.95 Hz, where they
 * belong if it was sampled at 48 kHz, four times as fast as the faulty ones; windows are of the same 85 ms.
 */
function openRecordings(context: TestContext): readonly Recording[] {
  const folder = needsRecorded(context, 'cwru-12k-de');
  const all = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as Recording[];
  return all
    .map((recording) => ({ ...recording, path: join(folder, recording.file) }))
    .filter(({ path }) => existsSync(path));
}

const isHealthy = ({ file }: Recording) => file.startsWith('normal');

/** Kurtosis, and energy from 3 to 3.5 kHz, of windows that overlap by half. */
function featuresOf(recording: Recording): { readonly kurtosis: number[]; readonly energy: number[] } {
  const sampleRate = isHealthy(recording) ? 48_000 : 12_000;
  const length = isHealthy(recording) ? 4096 : 1024;
  const chain = new FeatureChain(
    recording.file,
    [
      { type: 'window', parameters: { length, hop: length / 2 } },
      [
        { type: 'kurtosis', parameters: {} },
        { type: 'band-energies', parameters: { sampleRate, low: 3000, high: 3500, bands: 1 } },
      ],
    ],
    2,
  );
  const bytes = gunzipSync(readFileSync(recording.path));
  const samples = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  const [kurtosis, energy]: [number[], number[]] = [[], []];
  for (const sample of samples) {
    if (!chain.take([sample])) continue;
    kurtosis.push(chain.values[0]!);
    energy.push(chain.values[1]!);
  }
  return { kurtosis, energy };
}

describe('features of bearing vibrations', () => {
  it('the energy around 3 kHz separates every window of every faulty bearing from all of the healthy one', (context) => {
    const recordings = openRecordings(context);
    const healthy = Math.max(...featuresOf(recordings.find(isHealthy)!).energy);
    const faulty = recordings.filter((recording) => !isHealthy(recording));
    expect(faulty.length).toBeGreaterThan(20);
    for (const recording of faulty) {
      expect(Math.min(...featuresOf(recording).energy) / healthy, recording.file).toBeGreaterThan(4);
    }
  });

  it('the kurtosis shows the impacts of faults of the races, where single impacts stand out', (context) => {
    const recordings = openRecordings(context);
    const healthy = featuresOf(recordings.find(isHealthy)!).kurtosis;
    // Normal noise with some sines in it.
    for (const value of healthy) expect(Math.abs(value - 2.75)).toBeLessThan(0.5);
    const impacts = recordings.filter(({ file }) => /^(IR0(07|14|21)|OR0(07|21))/.test(file));
    expect(impacts.length).toBeGreaterThan(10);
    for (const recording of impacts) {
      expect(Math.min(...featuresOf(recording).kurtosis), recording.file).toBeGreaterThan(Math.max(...healthy));
    }
  });
});
