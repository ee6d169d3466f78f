import { describe, expect, it } from 'vitest';
import { RandomGenerator } from '../../random/generator.ts';
import { featureKindOf } from '../chain/features.ts';
import { FrameMemory } from '../frame-memory.ts';
import { bearingFrequencies } from './bearing-frequencies.ts';

/** 6205-2RS, which Case Western Reserve University ran; its page gives the multiples of the shaft's frequency. */
const BEARING = { balls: 9, ballDiameter: 7.94, pitchDiameter: 39.04, contactAngle: 0 };
const RATE = 12_000;
const SHAFT = 29.95;

function linesOf(frame: Float64Array, change: object = {}): number[] {
  const site = { width: frame.length, channels: 1, memory: new FrameMemory() };
  const feature = featureKindOf('bearing-lines', 'test').prepare(
    { sampleRate: RATE, shaft: SHAFT, ...BEARING, ...change },
    site,
  );
  let lines: number[] = [];
  feature.push(0, frame, (_, numbers) => {
    lines = [...numbers];
  });
  return lines;
}

/** A carrier whose amplitude swings by `depth` at `hertz`. */
const modulated = (hertz: number, depth: number, carrier = 3000, length = 8192) =>
  Float64Array.from({ length }, (_, n) => {
    const t = n / RATE;
    return (1 + depth * Math.cos(2 * Math.PI * hertz * t + 0.4)) * Math.cos(2 * Math.PI * carrier * t);
  });

describe('bearing frequencies', () => {
  it('of a 6205 are those that are published', () => {
    const { bpfo, bpfi, bsf, ftf } = bearingFrequencies(BEARING, 1);
    expect(bpfo).toBeCloseTo(3.5848, 3);
    expect(bpfi).toBeCloseTo(5.4152, 3);
    expect(ftf).toBeCloseTo(0.39828, 3);
    expect(2 * bsf).toBeCloseTo(4.7135, 3);
  });

  it('shrink with the contact angle, and add up: BPFO + BPFI = n·f, BPFO = n·FTF', () => {
    for (const contactAngle of [0, 15, 40]) {
      const { bpfo, bpfi, ftf } = bearingFrequencies({ ...BEARING, contactAngle }, 25);
      expect(bpfo + bpfi).toBeCloseTo(9 * 25, 10);
      expect(bpfo).toBeCloseTo(9 * ftf, 10);
    }
    // At 60° the ball counts half.
    expect(bearingFrequencies({ ...BEARING, contactAngle: 60 }, 1).ftf).toBeCloseTo(0.5 - 0.25 * (7.94 / 39.04), 10);
  });
});

describe('bearing lines', () => {
  const names = ['bpfo', 'bpfi', 'bsf', 'ftf'] as const;

  it.each(names)('of a carrier modulated at %s have its depth there, whatever the carrier', (name) => {
    const frequency = bearingFrequencies(BEARING, SHAFT)[name];
    for (const [carrier, depth] of [
      [2500, 0.3],
      [4100, 0.8],
    ] as const) {
      const lines = linesOf(modulated(frequency, depth, carrier));
      expect(lines[names.indexOf(name)]).toBeCloseTo(depth, 2);
      // A low frequency has the others among its harmonics; those of the races are apart.
      for (const other of ['bpfo', 'bpfi'] as const)
        if (other !== name) expect(lines[names.indexOf(other)]).toBeLessThan(0.05 * depth);
    }
  });

  it('follow the shaft', () => {
    const frame = modulated(bearingFrequencies(BEARING, 20).bpfo, 0.5);
    expect(linesOf(frame, { shaft: 20 })[0]).toBeCloseTo(0.5, 2);
    expect(linesOf(frame)[0]).toBeLessThan(0.02);
  });

  it('have the harmonics of their frequency, as many as are asked for', () => {
    const { bpfi } = bearingFrequencies(BEARING, SHAFT);
    expect(linesOf(modulated(3 * bpfi, 0.5))[1]).toBeCloseTo(0.5, 2);
    expect(linesOf(modulated(3 * bpfi, 0.5), { harmonics: 2 })[1]).toBeLessThan(0.02);
  });

  it('are looked for as far away as elements slip, a hundredth of the frequency', () => {
    const frequency = 3 * bearingFrequencies(BEARING, SHAFT).bpfi;
    for (const slip of [0.993, 1.007]) expect(linesOf(modulated(slip * frequency, 0.5))[1]).toBeCloseTo(0.5, 2);
    for (const slip of [0.97, 1.03]) expect(linesOf(modulated(slip * frequency, 0.5))[1]).toBeLessThan(0.02);
  });

  it('take a part at half the sample rate for what it is', () => {
    const { bpfo } = bearingFrequencies(BEARING, SHAFT);
    const carrier = modulated(0, 0, RATE / 2 - bpfo);
    const frame = carrier.map((x, n) => x + (n % 2 === 0 ? 0.3 : -0.3));
    expect(linesOf(frame)[0]).toBeCloseTo(0.3, 1);
  });

  it('see only the band of the carrier', () => {
    const random = new RandomGenerator(1, 'test');
    const frame = modulated(bearingFrequencies(BEARING, SHAFT).bpfi, 0.5, 3000).map(
      (x, n) => x + 5 * Math.cos((2 * Math.PI * 200 * n) / RATE) + 0.01 * random.nextNormal(),
    );
    expect(linesOf(frame, { low: 2000, high: 4000 })[1]).toBeCloseTo(0.5, 2);
    expect(linesOf(frame, { low: 4000 })[1]).toBeLessThan(0.02);
  });

  it.each([
    [{ ballDiameter: 40 }, 'ballDiameter: is 40; expected a number below the pitch diameter, 39.04'],
    [{ balls: 2 }, 'balls: is 2; expected at least 3'],
    [{ high: 7000 }, 'high: is 7000; expected at most half the sample rate, 6000'],
  ])('refuse %j', (change, message) => {
    expect(() => linesOf(new Float64Array(1024), change)).toThrow(message);
  });
});
