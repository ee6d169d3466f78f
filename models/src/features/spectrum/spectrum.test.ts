import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomGenerator } from '../../random/generator.ts';
import { featureKindOf } from '../chain/features.ts';
import { FrameMemory } from '../frame-memory.ts';
import { PowerSpectrum } from './spectrum.ts';

const SIZES = [8, 16, 32, 64, 128, 256, 512, 1024, 2048];

const noiseOf = (length: number, seed: number) => {
  const random = new RandomGenerator(seed, 'noise');
  return Float64Array.from({ length }, () => random.nextNormal());
};

const hann = (n: number, width: number) => Math.sin((Math.PI * n) / width) ** 2;

/** The one-sided power spectrum by its definition. */
function plainSpectrum(frame: Float64Array): number[] {
  const width = frame.length;
  const weights = Array.from({ length: width }, (_, n) => hann(n, width));
  const total = weights.reduce((sum, w) => sum + w * w, 0);
  return Array.from({ length: width / 2 + 1 }, (_, k) => {
    let re = 0;
    let im = 0;
    for (let n = 0; n < width; n++) {
      re += weights[n]! * frame[n]! * Math.cos((2 * Math.PI * k * n) / width);
      im -= weights[n]! * frame[n]! * Math.sin((2 * Math.PI * k * n) / width);
    }
    return ((k === 0 || k === width / 2 ? 1 : 2) * (re * re + im * im)) / (width * total);
  });
}

function measure(frame: Float64Array): Float64Array {
  const spectrum = new PowerSpectrum('test', frame.length, 1000);
  spectrum.measure(frame);
  return spectrum.power;
}

/** What a feature of the spectrum gives of a frame. */
function featureOf(type: string, parameters: Record<string, unknown>, frame: Float64Array): Float64Array {
  const feature = featureKindOf(type, 'test').prepare(parameters, {
    width: frame.length,
    channels: 1,
    memory: new FrameMemory(),
  });
  let values = new Float64Array(0);
  feature.push(0, frame, (_channel, numbers) => {
    values = numbers.slice();
  });
  return values;
}

const toneOf = (hertz: number, amplitude: number, width: number, sampleRate: number, phase = 0.3) =>
  Float64Array.from({ length: width }, (_, n) => amplitude * Math.cos((2 * Math.PI * hertz * n) / sampleRate + phase));

const sumOf = (values: Iterable<number>) => Array.from(values).reduce((sum, value) => sum + value, 0);

describe('power spectrum', () => {
  it.each(SIZES.filter((width) => width <= 512))('of %i samples is that of a plain Fourier sum', (width) => {
    const frame = noiseOf(width, width);
    const expected = plainSpectrum(frame);
    for (const [k, power] of measure(frame).entries()) expect(power).toBeCloseTo(expected[k]!, 12);
  });

  it('adds up to the windowed mean square (Parseval)', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...SIZES),
        fc.integer(),
        fc.double({ min: -5, max: 5, noNaN: true }),
        (width, seed, mean) => {
          const frame = noiseOf(width, seed).map((x) => x + mean);
          let above = 0;
          for (let n = 0; n < width; n++) above += (hann(n, width) * frame[n]!) ** 2;
          // Σ w² = 3N/8.
          expect(sumOf(measure(frame)) / (above / ((3 / 8) * width)) - 1).toBeCloseTo(0, 12);
        },
      ),
    );
  });

  it('of a tone on a line is A²/2 on three lines, 1/6 : 2/3 : 1/6', () => {
    const power = measure(toneOf(250, 3, 256, 1000));
    expect(power[64]).toBeCloseTo((3 ** 2 / 2) * (2 / 3), 10);
    for (const k of [63, 65]) expect(power[k]).toBeCloseTo(3 ** 2 / 2 / 6, 10);
    expect(sumOf(power)).toBeCloseTo(3 ** 2 / 2, 10);
  });

  it('keeps a constant on the lines 0 and 1', () => {
    const power = measure(new Float64Array(64).fill(2));
    expect(sumOf(power)).toBeCloseTo(4, 12);
    expect(sumOf(power.subarray(2))).toBeCloseTo(0, 12);
  });

  it('of noise is on average its variance, evenly spread', () => {
    const mean = new Float64Array(129);
    const frames = 400;
    for (let k = 0; k < frames; k++)
      for (const [line, power] of measure(noiseOf(256, k)).entries()) mean[line]! += power / frames;
    expect(Math.abs(sumOf(mean) - 1)).toBeLessThan(4.5 * Math.sqrt((2 * 35) / 18 / 256 / frames));
    // A line's power is exponentially distributed: deviation = mean = 2/N.
    for (const power of mean.subarray(2, 127)) expect(Math.abs(power * 128 - 1)).toBeLessThan(5 / Math.sqrt(frames));
  });

  it.each([1, 4, 12, 100])('refuses frames of %i', (width) => {
    expect(() => new PowerSpectrum('here', width, 1000)).toThrow(
      /^here: gets .*; expected frames of a power of two from 8/,
    );
  });
});

describe('band energies', () => {
  it('of the whole spectrum add up to the windowed mean square, however it is divided', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.constantFrom('linear', 'mel'),
        fc.integer(),
        (bands, spacing, seed) => {
          const frame = noiseOf(2048, seed);
          const parameters = { sampleRate: 12_000, bands, spacing };
          expect(sumOf(featureOf('band-energies', parameters, frame))).toBeCloseTo(sumOf(plainTotal(frame)), 10);
        },
      ),
      { numRuns: 30 },
    );
    function plainTotal(frame: Float64Array): number[] {
      return Array.from(frame, (x, n) => (hann(n, frame.length) * x) ** 2 / ((3 / 8) * frame.length));
    }
  });

  it('put a tone into its band with A²/2', () => {
    // Lines every 10 Hz, bands of 100 Hz.
    const tone = toneOf(350, 2, 1024, 10_240);
    const energies = featureOf('band-energies', { sampleRate: 10_240, low: 0, high: 1000, bands: 10 }, tone);
    expect(Array.from(energies)).toEqual(Array.from({ length: 10 }, (_, b) => expect.closeTo(b === 3 ? 2 : 0, 10)));
  });

  it('have their edges on the scale: a line on an edge belongs to the upper band, the last to the last', () => {
    const edges = [100, 200, 400, 800, 1600];
    const spectrumOf = (hertz: number) =>
      featureOf(
        'band-energies',
        { sampleRate: 3200, low: 100, high: 1600, bands: 4, spacing: 'log' },
        toneOf(hertz, 1, 128, 3200),
      );
    // Lines every 25 Hz; a tone on a line has 2/3 of its energy there.
    for (const [b, edge] of edges.slice(0, 4).entries()) {
      const energies = spectrumOf(edge);
      expect(energies[b]).toBeCloseTo(0.5 * (2 / 3 + 1 / 6), 10);
      if (b > 0) expect(energies[b - 1]).toBeCloseTo(0.5 / 6, 10);
    }
    // Half the sample rate: a line of its own, cos² of the phase twice over.
    expect(spectrumOf(1600)[3]).toBeCloseTo(Math.cos(0.3) ** 2, 10);
  });

  it.each([
    [{ bands: 4 }, 'sampleRate: is missing'],
    [{ sampleRate: 1000 }, 'bands: is missing'],
    [{ sampleRate: 1000, bands: 2, high: 501 }, 'high: is 501; expected at most half the sample rate, 500'],
    [{ sampleRate: 1000, bands: 2, low: 400, high: 300 }, 'low: is 400; expected a number below 300'],
    [{ sampleRate: 1000, bands: 2, spacing: 'log' }, 'low: is 0; expected a number above 0, because spacing is "log"'],
    [{ sampleRate: 1000, bands: 40 }, 'of which 12.50 to 25.00 Hz holds no line of the spectrum; expected bands wider'],
  ])('refuse %j', (parameters, message) => {
    expect(() => featureOf('band-energies', parameters, new Float64Array(32))).toThrow(message);
  });
});

describe('filterbank', () => {
  const parameters = { sampleRate: 16_000, low: 100, high: 8000, filters: 20 };

  it('has its corners on the mel scale: a tone at a corner is in one filter alone, with A²/2', () => {
    const mel = (hertz: number) => 1127 * Math.log(1 + hertz / 700);
    const corner = (j: number) => 700 * (Math.exp((mel(100) + ((mel(8000) - mel(100)) * j) / 21) / 1127) - 1);
    for (const j of [5, 12, 19]) {
      const energies = featureOf('filterbank', parameters, toneOf(corner(j), 2, 8192, 16_000));
      expect(Math.max(...energies)).toBe(energies[j - 1]);
      // The three lines of a tone lie within 4 Hz of the corner, filters are wider by far.
      expect(energies[j - 1]! / 2).toBeGreaterThan(0.95);
      expect(energies[j - 1]! / 2).toBeLessThanOrEqual(1 + 1e-9);
      expect(sumOf(energies)).toBeCloseTo(2, 3);
    }
  });

  it('loses and doubles no energy between its first and its last peak', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('mel', 'log', 'linear'),
        fc.double({ min: 600, max: 6000, noNaN: true }),
        (spacing, hertz) => {
          const energies = featureOf('filterbank', { ...parameters, spacing }, toneOf(hertz, 1, 4096, 16_000));
          expect(sumOf(energies)).toBeCloseTo(0.5, 3);
        },
      ),
    );
  });

  it('rises and falls linearly in Hz', () => {
    // Linear corners 0, 100, 200, …; lines every 10 Hz. A tone at 130 Hz is 0.7 in the first filter and 0.3 in the
    // second.
    const linear = { sampleRate: 10_240, low: 0, high: 1000, filters: 9, spacing: 'linear' };
    const energies = featureOf('filterbank', linear, toneOf(130, 1, 1024, 10_240));
    expect(Array.from(energies.subarray(0, 3), (e) => e * 2)).toEqual([0.7, 0.3, 0].map((e) => expect.closeTo(e, 10)));
  });

  it('refuses a filter without a line', () => {
    expect(() => featureOf('filterbank', { ...parameters, filters: 60 }, new Float64Array(64))).toThrow(
      'holds no line of the spectrum; expected filters wider than 250.0 Hz, or a longer window',
    );
  });
});
