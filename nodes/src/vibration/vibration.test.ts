import { bearingFrequencies } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { samplesOf } from './samples.ts';
import { Vibration, type VibrationSettings } from './vibration.ts';
import { type Machine, ZONE_LIMITS, zoneOf } from './vibration-zone.ts';

const RATE = 12_000;
const BEARING = { balls: 9, ballDiameter: 7.94, pitchDiameter: 39.04, contactAngle: 0 };
const SETTINGS: VibrationSettings = {
  length: 4096,
  hop: 4096,
  unit: 'm/s2',
  bands: 4,
  machine: 'group2-rigid',
  bearing: BEARING,
  carrier: 1000,
  logarithms: false,
};

const sine = (hertz: number, amplitude: number, length = 4096) =>
  Float64Array.from({ length }, (_, n) => amplitude * Math.sin((2 * Math.PI * hertz * n) / RATE));

function measure(samples: ArrayLike<number>, change: Partial<VibrationSettings> = {}, shaft = 30) {
  return [...new Vibration({ ...SETTINGS, ...change }, RATE).take(samples, shaft)];
}

describe('vibration', () => {
  it('of a sine has the figures of a sine', () => {
    // 2 periods in 75 samples, a peak in every 75: a line of no spectrum.
    const [{ features }] = measure(sine(320, 5)) as [ReturnType<typeof measure>[0]];
    expect(features.rms).toBeCloseTo(5 / Math.SQRT2, 2);
    expect(features.peak).toBeCloseTo(5, 2);
    expect(features.crest).toBeCloseTo(Math.SQRT2, 2);
    expect(features.kurtosis).toBeCloseTo(1.5, 2);
    expect(features.skewness).toBeCloseTo(0, 2);
    expect(features.velocity! / (5000 / (Math.SQRT2 * 2 * Math.PI * 320))).toBeCloseTo(1, 2);
    expect(features.band1).toBeCloseTo(12.5, 3);
    expect(features.band3).toBeCloseTo(0, 6);
  });

  it('has a machine in the zone of its velocity', () => {
    // v = A/(√2·2πf): 3 mm/s and 10 mm/s at 100 Hz.
    const amplitude = (velocity: number) => (velocity / 1000) * Math.SQRT2 * 2 * Math.PI * 100;
    expect(measure(sine(100, amplitude(3)))[0]!.zone).toMatchObject({ zone: 'C', meaning: 'unsatisfactory' });
    expect(measure(sine(100, amplitude(3)), { machine: 'group1-flexible' })[0]!.zone!.zone).toBe('A');
    expect(measure(sine(100, amplitude(10) / 9.80665), { unit: 'g' })[0]!.zone!.zone).toBe('D');
  });

  it('finds the modulation of a carrier at the frequency of a race, where the shaft has it', () => {
    const shaft = 24;
    const { bpfi } = bearingFrequencies(BEARING, shaft);
    const frame = sine(3000, 1).map((x, n) => x * (1 + 0.6 * Math.cos((2 * Math.PI * bpfi * n) / RATE)));
    const vibration = new Vibration(SETTINGS, RATE);
    const [first] = [...vibration.take(frame, shaft)];
    expect(first!.features.bpfi).toBeCloseTo(0.6, 2);
    expect(first!.frequencies!.bpfi).toBeCloseTo(bpfi, 10);
    expect([...vibration.take(frame, 30)][0]!.features.bpfi).toBeLessThan(0.05);
  });

  it('is gathered to windows, whatever the blocks', () => {
    const signal = sine(150, 2, 8192);
    const whole = measure(signal, { hop: 1000 });
    expect(whole).toHaveLength(5);
    const vibration = new Vibration({ ...SETTINGS, hop: 1000 }, RATE);
    const parts: unknown[] = [];
    for (let at = 0; at < signal.length; at += 37) parts.push(...vibration.take(signal.subarray(at, at + 37), 30));
    expect(parts).toEqual(whole);
  });

  it('in logarithms is the logarithm, but for the skewness', () => {
    const [plain] = measure(sine(150, 2));
    const [logarithms] = measure(sine(150, 2), { logarithms: true });
    expect(logarithms!.features.rms).toBe(Math.log(plain!.features.rms!));
    expect(logarithms!.features.skewness).toBe(plain!.features.skewness);
    for (const value of Object.values(measure(new Float64Array(4096), { logarithms: true })[0]!.features))
      expect(Number.isFinite(value)).toBe(true);
  });

  it('refuses what is not a sample or too much, and goes on as if it had not come', () => {
    const vibration = new Vibration(SETTINGS, RATE);
    expect([...vibration.take(sine(150, 2, 4095), 30)]).toEqual([]);
    expect(() => vibration.take([1, Number.NaN], 30)).toThrow('has NaN as sample 1; expected an acceleration');
    expect(() => vibration.take(new Float64Array(64 * 4096 + 1), 30)).toThrow('expected at most 262144');
    expect([...vibration.take([0], 30)]).toHaveLength(1);
    expect(() => measure([], { length: 256 })).toThrow('zones.low: is 10, but lines of the spectrum lie 46.9 Hz apart');
  });
});

describe('zones', () => {
  it('have the limits of the standard, each of them in the better zone', () => {
    expect(zoneOf('group1-rigid', 2.3).zone).toBe('A');
    expect(zoneOf('group1-rigid', 2.31).zone).toBe('B');
    expect(zoneOf('group2-flexible', 7.1).zone).toBe('C');
    expect(zoneOf('group2-flexible', 7.2).zone).toBe('D');
  });

  it('are wider for larger machines and softer supports', () => {
    for (const machine of Object.keys(ZONE_LIMITS) as Machine[]) {
      const limits = ZONE_LIMITS[machine];
      expect([...limits].sort((a, b) => a - b)).toEqual(limits);
      const soft = ZONE_LIMITS[machine.replace('rigid', 'flexible') as Machine];
      for (const [k, limit] of limits.entries()) expect(soft[k]).toBeGreaterThanOrEqual(limit);
    }
  });
});

describe('samples', () => {
  it('come as numbers, arrays and bytes', () => {
    expect([...samplesOf(2, 'float32', 3, 100)]).toEqual([6]);
    expect([...samplesOf([1, -2], 'float32', 1, 100)]).toEqual([1, -2]);
    expect([...samplesOf(Int16Array.of(5, 6), 'float32', 0.5, 100)]).toEqual([2.5, 3]);
    expect([...samplesOf(Buffer.from([1, 0, 255, 255]), 'int16', 1, 100)]).toEqual([1, -1]);
    const floats = Buffer.alloc(9);
    floats.writeFloatLE(1.5, 1);
    floats.writeFloatLE(-2, 5);
    expect([...samplesOf(floats.subarray(1), 'float32', 1, 100)]).toEqual([1.5, -2]);
  });

  it.each([
    [undefined, 'is missing'],
    ['1', 'is "1"'],
    [[1, '2'], 'has "2" as sample 1'],
    [Buffer.from([1, 2, 3]), 'has 3 bytes, not a multiple of a sample in int16'],
  ])('are refused where they are %j', (payload, message) => {
    expect(() => samplesOf(payload, 'int16', 1, 100)).toThrow(message);
  });
});
