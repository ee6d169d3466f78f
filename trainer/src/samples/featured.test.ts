import { type CodingDeclaration, FeatureChain, RandomGenerator } from '@spikewire/models';
import type { RecordedSet } from 'spikewire/data';
import { describe, expect, it } from 'vitest';
import { growthOf } from '../../../test/growth.ts';
import { featuredParts, featuredSet } from './featured.ts';
import { rangesOf } from './ranges.ts';

const BLOCK = 64;
const PER_CLASS = 60;
/** Of 60 readings of a class the last 12 are for the test, and of 48 the last 4 choose. */
const LEARNED = 44;

/** Noise of two strengths in stretches of 15 blocks; from the `from`th reading of a class on, `later` in its place. */
function recording(from = PER_CLASS, later = 0): RecordedSet {
  const random = new RandomGenerator(1, 'noise');
  const nth = [0, 0];
  const labels = Int32Array.from({ length: 2 * PER_CLASS }, (_, k) => Math.floor(k / 15) % 2);
  const samples = Array.from(labels, (label) => {
    const block = Float64Array.from({ length: BLOCK }, () => (1 + 2 * label) * random.nextNormal());
    return nth[label]!++ < from ? block : block.fill(later);
  });
  const times = Float64Array.from(samples, (_, k) => 100 * k);
  return { name: 'mill', classes: ['idle', 'running'], channels: ['x'], times, samples, labels };
}

describe('features of a recording', () => {
  it('come with parts that have each reading once, in the order of time', () => {
    const { data, readings, stages } = featuredSet(recording(), 'rms');
    const { mean, deviation } = (stages.at(-1) as CodingDeclaration).parameters as Record<string, number[]>;
    const asMeasured = (sample: ArrayLike<number>) => (sample[0]! * deviation![0]! + mean![0]!).toFixed(9);
    const parts = [data.training!, data.validation!, data];
    expect(parts.map(({ samples }) => samples.length)).toEqual([2 * LEARNED, 8, 24]);
    const rms = (reading: ArrayLike<number>) => Math.hypot(...Array.from(reading)) / Math.sqrt(BLOCK);
    const found = parts.flatMap(({ samples }) => samples.map(asMeasured));
    expect(found.sort()).toEqual(
      recording()
        .samples.map((sample) => rms(sample).toFixed(9))
        .sort(),
    );
    expect(readings.samples).toHaveLength(24);
    expect(readings.samples.map((reading) => rms(reading).toFixed(9))).toEqual(data.samples.map(asMeasured));
  });

  it('are standardised by what is learned', () => {
    const { samples } = featuredSet(recording(), 'rms,mean').data.training!;
    for (const k of [0, 1]) {
      const own = samples.map((sample) => sample[k]!);
      const mean = own.reduce((sum, value) => sum + value, 0) / own.length;
      expect(mean).toBeCloseTo(0, 4);
      expect(own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / own.length).toBeCloseTo(1, 2);
    }
  });

  it('are chosen, and their ranges found, by what is learned alone', () => {
    const chosenOf = (set: RecordedSet) => {
      const { data, choice, stages } = featuredSet(set, 'auto');
      return { choice, stages, training: data.training, range: rangesOf(data.training!, data) };
    };
    const asRecorded = chosenOf(recording());
    expect(asRecorded.choice!.chosen.accuracy).toBe(1);
    expect(chosenOf(recording(LEARNED, 1e6))).toEqual(asRecorded);
    expect(chosenOf(recording(LEARNED - 1, 1e6))).not.toEqual(asRecorded);
  });

  it('refuses what is not a recording, a name that is not a feature, and a class with too few readings', () => {
    const { times: _, ...rows } = recording();
    expect(() => featuredSet(rows, 'rms')).toThrow('has no use for mill; expected --data recorded:FILE');
    expect(() => featuredSet(recording(), 'rms,mood')).toThrow(/mood/);
    const set = recording();
    const few = { ...set, samples: set.samples.slice(0, 18), labels: set.labels.slice(0, 18) };
    expect(() => featuredSet({ ...few, times: set.times.slice(0, 18) } as RecordedSet, 'rms')).toThrow(
      'mill: has too few readings of "running"',
    );
  });
});

it('hands on windows as signals without features, each channel standardised by what is learned', () => {
  // Channel a: 1 and 3 learned, channel b: 100 and 300; the tested window has other numbers in every place.
  const window = (a: number[], b: number[]) => Float32Array.from([...a, ...b]);
  const samples = [
    ...[window([1, 3, 1], [100, 300, 300]), window([3, 1, 3], [300, 100, 100])],
    ...[window([2, 2, 2], [200, 200, 200]), window([1, 2, 4], [300, 200, 500])],
  ];
  const set = { name: 'rows', classes: ['x'], channels: ['a', 'b'], samples, labels: new Int32Array(4) };
  const parts = { learned: [0, 1], validation: [2], tested: [3] };
  const { data, readings, stages } = featuredParts(set, { channels: 2, block: 3 }, parts, 'none');
  expect(data.shape).toEqual([2, 3]);
  expect(data.samples.map((sample) => Array.from(sample))).toEqual([[-1, 0, 2, 1, 0, 3]]);
  expect(data.training!.samples.map((sample) => Array.from(sample))).toEqual([
    [-1, 1, -1, -1, 1, 1],
    [1, -1, 1, 1, -1, -1],
  ]);
  expect(data.validation!.samples).toEqual([new Float64Array(6)]);
  expect(readings.samples).toEqual([samples[3]]);
  expect(FeatureChain.outputsOf('in', stages)).toBe(3);
});

it('many classes take time in proportion to them', { timeout: 60_000 }, async () => {
  const learnAll = (count: number) => {
    const labels = Int32Array.from({ length: 12 * count }, (_, k) => k % count);
    const samples = Array.from(labels, (label) => Float64Array.of(label, -label));
    const times = Float64Array.from(samples, (_, k) => k);
    const classes = Array.from({ length: count }, (_, k) => `c${k}`);
    const set: RecordedSet = { name: 'many', classes, channels: ['x'], times, samples, labels };
    const { data } = featuredSet(set, 'mean');
    expect(data.samples).toHaveLength(2 * count);
  };
  expect(await growthOf(learnAll, 50)).toBeLessThan(24);
});
