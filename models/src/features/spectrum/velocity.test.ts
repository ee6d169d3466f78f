import fc from 'fast-check';
import { expect, it } from 'vitest';
import { featureKindOf } from '../chain/features.ts';
import { FrameMemory } from '../frame-memory.ts';

const RATE = 10_240;

function velocityOf(frame: Float64Array, parameters: object = {}): number {
  const site = { width: frame.length, channels: 1, memory: new FrameMemory() };
  let value = Number.NaN;
  featureKindOf('velocity', 'test')
    .prepare({ sampleRate: RATE, ...parameters }, site)
    .push(0, frame, (_, [first]) => {
      value = first!;
    });
  return value;
}

const sine = (hertz: number, amplitude: number, offset = 0, length = 8192) =>
  Float64Array.from({ length }, (_, n) => offset + amplitude * Math.sin((2 * Math.PI * hertz * n) / RATE + 0.7));

/** A/(√2·2πf) in mm/s. */
const truth = (hertz: number, amplitude: number) => (1000 * amplitude) / (Math.SQRT2 * 2 * Math.PI * hertz);

it('is the velocity of a sine, at any frequency in the band and on any offset', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 25, max: 980, noNaN: true }),
      fc.double({ min: 0.01, max: 100, noNaN: true }),
      fc.double({ min: -10, max: 10, noNaN: true }),
      (hertz, amplitude, offset) => {
        const ratio = velocityOf(sine(hertz, amplitude, offset)) / truth(hertz, amplitude);
        expect(Math.abs(ratio - 1)).toBeLessThan(0.005);
      },
    ),
    { numRuns: 50 },
  );
});

it('adds the squares of its parts, and leaves out what lies beyond the band', () => {
  const parts = [sine(50, 2), sine(300, 8), sine(3000, 50), sine(2.5, 1)];
  const sum = parts[0]!.map((_, n) => parts.reduce((total, part) => total + part[n]!, 0));
  expect(velocityOf(sum)).toBeCloseTo(Math.hypot(truth(50, 2), truth(300, 8)), 1);
});

it('takes g', () => {
  expect(velocityOf(sine(80, 1), { unit: 'g' }) / velocityOf(sine(80, 9.80665))).toBeCloseTo(1, 12);
});

it('refuses a window too short for its lowest frequency, and a rate too low for its highest', () => {
  expect(() => velocityOf(new Float64Array(512))).toThrow(
    'low: is 10, but lines of the spectrum lie 20.0 Hz apart; expected a longer window, or a higher frequency',
  );
  expect(() => velocityOf(new Float64Array(8192), { sampleRate: 1500 })).toThrow(
    'high: is 1000; expected at most half the sample rate, 750',
  );
});
