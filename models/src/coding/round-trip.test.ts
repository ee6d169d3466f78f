import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomGenerator } from '../random/generator.ts';
import { decoderKindOf } from './decoders/decoders.ts';
import type { EncoderParameters } from './encoders/encoder.ts';
import { encoderKindOf } from './encoders/encoders.ts';
import { strengthOfLatency } from './encoders/latency.ts';
import { fieldCentre, fieldResponse, receptiveFields } from './receptive-fields.ts';

const RANGE = [-20, 60] as const;
const unit = (value: number) => (value - RANGE[0]) / (RANGE[1] - RANGE[0]);
const value = fc.double({ min: RANGE[0], max: RANGE[1], noNaN: true });

function prepare(type: string, parameters: EncoderParameters, site: { size: number; steps: number; seed?: number }) {
  const { size, steps, seed = 1 } = site;
  const random = new RandomGenerator(seed, 'encoder');
  return encoderKindOf(type, 'test').prepare({ range: RANGE, ...parameters }, { size, steps, dt: 0.001, random });
}

/** Sum of the event values of each element. */
function sumsOf(encoder: ReturnType<typeof prepare>, sample: ArrayLike<number>, size: number): Float64Array {
  const sums = new Float64Array(size);
  encoder.encode(sample, (_step, index, amount) => {
    sums[index]! += amount;
  });
  return sums;
}

describe('sequence', () => {
  it('carries each part of a sample as a direct current while its share of the steps lasts', () => {
    const seen = new Map<string, number>();
    const encoder = prepare('sequence', { frames: 3, gain: 2 }, { size: 2, steps: 7 });
    encoder.encode([-20, 60, 20, 40, 60, 0], (step, index, amount) => seen.set(`${step},${index}`, amount));
    const expected = [
      ...[0, 1, 2].map((step) => [`${step},1`, 2]),
      ...[3, 4].flatMap((step) => [
        [`${step},0`, 1],
        [`${step},1`, 1.5],
      ]),
      ...[5, 6].flatMap((step) => [
        [`${step},0`, 2],
        [`${step},1`, 0.5],
      ]),
    ];
    expect(encoder.channels).toBe(6);
    expect([...seen]).toEqual(expected);
    expect(() => prepare('sequence', { frames: 3 }, { size: 2, steps: 2 })).toThrow('at least for each of 3 frames');
  });
});

describe('direct', () => {
  it('carries the normalised value exactly, in every step', () => {
    fc.assert(
      fc.property(value, fc.integer({ min: 1, max: 9 }), (x, steps) => {
        const seen: number[] = [];
        prepare('direct', { gain: 3 }, { size: 1, steps }).encode([x], (step, _index, current) => {
          seen[step] = current;
        });
        const back = seen.map((current) => RANGE[0] + ((current / 3 + 1) / 2) * (RANGE[1] - RANGE[0]));
        if (x !== 20) expect(back).toHaveLength(steps);
        for (const decoded of back) expect(decoded).toBeCloseTo(x, 10);
      }),
    );
  });

  it('leaves normalised samples as they are', () => {
    const encoder = prepare('direct', { range: undefined }, { size: 2, steps: 1 });
    expect(sumsOf(encoder, [0.1, -0.7], 2)).toEqual(Float64Array.of(0.1, -0.7));
    const positive = prepare('direct', { range: undefined, span: 'unit' }, { size: 2, steps: 1 });
    expect(sumsOf(positive, [0.1, 0.7], 2)).toEqual(Float64Array.of(0.1, 0.7));
  });
});

describe.each([
  ['bernoulli', { maxProbability: 0.8 }, (x: number) => 0.8 * x],
  ['poisson', { maxRate: 400 }, (x: number) => 1 - Math.exp(-400 * x * 0.001)],
] as const)('%s', (type, parameters, probabilityOf) => {
  const steps = 4000;

  it('counts with the mean and the deviation of the binomial distribution', () => {
    for (const x of [0.05, 0.3, 0.5, 0.95]) {
      const runs = 200;
      const sample = [RANGE[0] + x * (RANGE[1] - RANGE[0])];
      const encoder = prepare(type, parameters, { size: 1, steps });
      const counts = Array.from({ length: runs }, () => sumsOf(encoder, sample, 1)[0]!);
      const p = probabilityOf(x);
      const mean = counts.reduce((sum, count) => sum + count, 0) / runs;
      const variance = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / (runs - 1);
      const expected = steps * p * (1 - p);
      expect(Math.abs(mean - steps * p)).toBeLessThan(4.5 * Math.sqrt(expected / runs));
      expect(Math.abs(variance / expected - 1)).toBeLessThan(4.5 * Math.sqrt(2 / (runs - 1)));
    }
  });

  it('draws each step independently of the one before', () => {
    const encoder = prepare(type, parameters, { size: 1, steps });
    const train = new Float64Array(steps);
    encoder.encode([20], (step) => {
      train[step] = 1;
    });
    const p = probabilityOf(0.5);
    let covariance = 0;
    for (let k = 1; k < steps; k++) covariance += (train[k]! - p) * (train[k - 1]! - p);
    expect(Math.abs(covariance / (steps * p * (1 - p)))).toBeLessThan(4.5 / Math.sqrt(steps));
  });

  it('is decoded within the binomial error', () => {
    fc.assert(
      fc.property(value, fc.integer(), (x, seed) => {
        const count = sumsOf(prepare(type, parameters, { size: 1, steps, seed }), [x], 1)[0]!;
        const p = probabilityOf(unit(x));
        expect(Math.abs(count / steps - p)).toBeLessThanOrEqual(5.5 * Math.sqrt((p * (1 - p)) / steps) + 3 / steps);
      }),
    );
  });

  it('is reproducible by its seed, and differs between seeds', () => {
    const run = (seed: number) => {
      const spikes: number[] = [];
      prepare(type, parameters, { size: 2, steps: 200, seed }).encode([10, 30], (step, index) => {
        spikes.push(2 * step + index);
      });
      return spikes;
    };
    expect(run(4)).toEqual(run(4));
    expect(run(4)).not.toEqual(run(5));
  });

  it('never fires at the lower end', () => {
    expect(sumsOf(prepare(type, parameters, { size: 1, steps }), [RANGE[0]], 1)[0]).toBe(0);
  });
});

describe('uniform', () => {
  const rates = fc.double({ min: 1, max: 1000, noNaN: true });
  const jitters = fc.constantFrom(0, 0.3, 1);
  const streams = fc.array(value, { minLength: 1, maxLength: 12 });

  it('over any samples is decoded within (1 + jitter)/2 spikes by counting', () => {
    fc.assert(
      fc.property(streams, rates, jitters, fc.integer(), (samples, maxRate, jitter, seed) => {
        const encoder = prepare('uniform', { maxRate, jitter }, { size: 1, steps: 50, seed });
        let expected = 0;
        let count = 0;
        for (const sample of samples) {
          expected += 50 * maxRate * 0.001 * unit(sample);
          count += sumsOf(encoder, [sample], 1)[0]!;
          expect(Math.abs(count - expected)).toBeLessThanOrEqual((1 + jitter) / 2 + 1e-6);
        }
      }),
    );
  });

  it('spreads its spikes at intervals of (1 ± jitter) of the rate, on the grid', () => {
    fc.assert(
      fc.property(
        value,
        fc.double({ min: 5, max: 400, noNaN: true }),
        jitters,
        fc.integer(),
        (x, maxRate, jitter, seed) => {
          const steps: number[] = [];
          prepare('uniform', { maxRate, jitter }, { size: 1, steps: 2000, seed }).encode([x], (step) =>
            steps.push(step),
          );
          const interval = 1 / (maxRate * 0.001 * unit(x));
          for (let k = 1; k < steps.length; k++) {
            const off = Math.abs(steps[k]! - steps[k - 1]! - interval);
            expect(off).toBeLessThan(jitter * interval + 1 + 1e-6);
          }
        },
      ),
    );
  });

  it('jitters as asked: the deviation within an interval is jitter/√12 of it', () => {
    const interval = 200;
    const offsets: number[] = [];
    const encoder = prepare('uniform', { maxRate: 5, jitter: 0.6 }, { size: 1, steps: 400_000 });
    encoder.encode([RANGE[1]], (step) => offsets.push((step % interval) / interval - 0.5));
    const deviation = Math.sqrt(offsets.reduce((sum, offset) => sum + offset ** 2, 0) / offsets.length);
    expect(Math.abs(deviation / (0.6 / Math.sqrt(12)) - 1)).toBeLessThan(4.5 / Math.sqrt(2 * offsets.length));
  });

  it('fires in every step at the highest rate', () => {
    expect(sumsOf(prepare('uniform', { maxRate: 1000 }, { size: 1, steps: 3000 }), [RANGE[1]], 1)[0]).toBe(3000);
  });

  it('does not lose its place over a million steps', () => {
    const encoder = prepare('uniform', { maxRate: 123.4 }, { size: 1, steps: 1_000_000 });
    const count = sumsOf(encoder, [RANGE[0] + 0.37 * (RANGE[1] - RANGE[0])], 1)[0]!;
    expect(Math.abs(count - 1e6 * 0.1234 * 0.37)).toBeLessThanOrEqual(0.5 + 1e-6);
  });
});

describe('latency', () => {
  it('is decoded within half a step, one spike per channel', () => {
    fc.assert(
      fc.property(value, value, fc.integer({ min: 2, max: 200 }), (a, b, steps) => {
        const strengths: number[] = [];
        prepare('latency', {}, { size: 2, steps }).encode([a, b], (step, index) => {
          expect(strengths[index]).toBeUndefined();
          strengths[index] = 1 - step / (steps - 1);
        });
        for (const [i, x] of [a, b].entries()) {
          expect(Math.abs(strengths[i]! - unit(x))).toBeLessThanOrEqual(0.5 / (steps - 1) + 1e-12);
        }
      }),
    );
  });

  it('lets channels below the cut-off be silent', () => {
    const sums = sumsOf(prepare('latency', { cutoff: 0.5 }, { size: 3, steps: 9 }), [-20, 19.9, 20.1], 3);
    expect(Array.from(sums)).toEqual([0, 0, 1]);
  });

  it('needs no more memory for a longer sample', () => {
    const seen: number[] = [];
    prepare('latency', {}, { size: 1, steps: 2 ** 31 - 1 }).encode([RANGE[0]], (step) => seen.push(step));
    expect(seen).toEqual([2 ** 31 - 2]);
  });
});

describe('rank-order', () => {
  const samples = fc.array(fc.integer({ min: -2000, max: 6000 }), { minLength: 1, maxLength: 20 });
  const orderOf = (sample: readonly number[], steps: number) => {
    const order: number[] = [];
    const at: number[] = [];
    prepare('rank-order', {}, { size: sample.length, steps }).encode(sample, (step, index) => {
      order.push(index);
      at.push(step);
    });
    return { order, at };
  };

  it('keeps the whole order where there is a step for each channel', () => {
    fc.assert(
      fc.property(samples, fc.nat(50), (hundredths, more) => {
        const sample = hundredths.map((x) => x / 100);
        const { order, at } = orderOf(sample, sample.length + more);
        const expected = [...sample.keys()].sort((a, b) => sample[b]! - sample[a]! || a - b);
        expect(order).toEqual(expected);
        expect(new Set(at).size).toBe(sample.length);
      }),
    );
  });

  it('with fewer steps misses a rank by less than channels per step', () => {
    fc.assert(
      fc.property(samples, fc.integer({ min: 1, max: 20 }), (hundredths, steps) => {
        const n = hundredths.length;
        const { at } = orderOf(
          hundredths.map((x) => x / 100),
          steps,
        );
        for (const [rank, step] of at.entries()) {
          const missed = rank - (step * n) / steps;
          expect(missed).toBeGreaterThan(-1e-9);
          expect(missed).toBeLessThan(n / steps);
        }
      }),
    );
  });

  it('says nothing of gain and offset', () => {
    fc.assert(
      fc.property(
        samples,
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: -5, max: 5 }),
        (hundreds, gain, offset) => {
          const sample = hundreds.map((x) => x / 600);
          const changed = sample.map((x) => 20 + gain * x + offset);
          expect(orderOf(changed, 50)).toEqual(
            orderOf(
              sample.map((x) => 20 + x),
              50,
            ),
          );
        },
      ),
    );
  });

  it('goes through the rank decoder with its order whole', () => {
    fc.assert(
      fc.property(samples, (hundredths) => {
        const sample = hundredths.map((x) => x / 100);
        const events: { step: number; index: number; value: number }[] = [];
        const size = sample.length;
        prepare('rank-order', {}, { size, steps: size }).encode(sample, (step, index, amount) => {
          events.push({ step, index, value: amount });
        });
        const site = { size, steps: size, dt: 0.001, random: new RandomGenerator(1, 'decoder') };
        const { values } = decoderKindOf('rank', 'test')
          .prepare({ modulation: 0.5 }, site)
          .decode({
            steps: size,
            events: {
              length: events.length,
              step: (k) => events[k]!.step,
              index: (k) => events[k]!.index,
              value: (k) => events[k]!.value,
            },
            membrane: undefined,
          });
        for (const [i, x] of sample.entries()) {
          const larger = sample.filter((other, k) => other > x || (other === x && k < i)).length;
          expect(values[i]).toBe(0.5 ** larger);
        }
      }),
    );
  });
});

describe('phase', () => {
  const digits = fc.integer({ min: 1, max: 12 });

  it('is decoded within half of the last digit, in every whole period', () => {
    fc.assert(
      fc.property(value, digits, fc.integer({ min: 1, max: 4 }), (x, phases, periods) => {
        const steps = phases * periods + (phases - 1);
        const decoded = new Float64Array(periods + 1);
        prepare('phase', { phases }, { size: 1, steps }).encode([x], (step, _index, amount) => {
          expect(amount).toBe(1);
          decoded[Math.floor(step / phases)]! += 2 ** (phases - 1 - (step % phases)) / (2 ** phases - 1);
        });
        expect(decoded[periods]).toBe(0);
        for (const back of decoded.subarray(0, periods)) {
          expect(Math.abs(back - unit(x))).toBeLessThanOrEqual(0.5 / (2 ** phases - 1) + 1e-12);
        }
      }),
    );
  });

  it('weighted, sums up to the value in every period', () => {
    fc.assert(
      fc.property(value, digits, (x, phases) => {
        const sum = sumsOf(prepare('phase', { phases, emits: 'weighted' }, { size: 1, steps: 3 * phases }), [x], 1)[0]!;
        expect(Math.abs(sum / 3 - unit(x))).toBeLessThanOrEqual(0.5 / (2 ** phases - 1) + 1e-12);
      }),
    );
  });
});

describe('burst', () => {
  const longest = fc.integer({ min: 1, max: 40 });

  it('is decoded from the count within half a spike, and from the interval within half a step', () => {
    fc.assert(
      fc.property(value, fc.integer({ min: 2, max: 8 }), longest, fc.nat(39), (x, maxSpikes, slow, less) => {
        const fast = Math.max(1, slow - less);
        const times: number[] = [];
        const parameters = { maxSpikes, minInterval: fast * 0.001, maxInterval: slow * 0.001 };
        const steps = 1 + slow * (maxSpikes - 1);
        prepare('burst', parameters, { size: 1, steps }).encode([x], (step) => times.push(step));
        if (unit(x) > 0) {
          const fromCount = (times.length - 0.5) / maxSpikes;
          expect(Math.abs(fromCount - unit(x))).toBeLessThanOrEqual(0.5 / maxSpikes + 1e-12);
        } else expect(times).toEqual([]);
        if (times.length < 2) return;
        const interval = times[1]! - times[0]!;
        for (let k = 0; k < times.length; k++) expect(times[k]).toBe(k * interval);
        if (slow === fast) return;
        const fromInterval = (slow - interval + 0.5) / (slow - fast);
        expect(Math.abs(fromInterval - unit(x))).toBeLessThanOrEqual(0.5 / (slow - fast) + 1e-9);
      }),
    );
  });
});

describe('population', () => {
  const gamma = 1.5;

  it('has the centres and the width of SpikeProp', () => {
    // m = 8 on [0, 1]: centres (2i − 3)/12, width 1/9.
    const { centres, width } = receptiveFields(8, gamma);
    expect(Array.from(centres, (centre) => centre * 12)).toEqual(
      [-1, 1, 3, 5, 7, 9, 11, 13].map((twelfths) => expect.closeTo(twelfths, 12)),
    );
    expect(width).toBeCloseTo(1 / 9, 15);
    expect(fieldResponse({ centres, width }, 3, centres[3]! + width)).toBeCloseTo(Math.exp(-0.5), 12);
  });

  /**
   * The weighted centre of infinitely many fields misses x by σ²·d/dx ln Σ g, which Poisson's summation bounds by
   * σ²·(2π/Δ)·2q/(1 − 2q), q = e^(−2π²σ²/Δ²); to this come the fields that are not there and those that are cut off.
   */
  function bound(m: number, x: number, responses: ArrayLike<number>): number {
    const spacing = 1 / (m - 2);
    const width = spacing / gamma;
    const q = Math.exp(-2 * (Math.PI / gamma) ** 2);
    const ripple = (width ** 2 * ((2 * Math.PI) / spacing) * 2 * q) / (1 - 2 * q);
    let all = 0;
    let present = 0;
    let missing = 0;
    for (let i = -40; i < m + 40; i++) {
      const centre = (i - 0.5) * spacing;
      const response = Math.exp(-(((x - centre) / width) ** 2) / 2);
      all += response;
      present += responses[i] ?? 0;
      missing += Math.abs(centre - x) * Math.abs(response - (responses[i] ?? 0));
    }
    return (ripple * all + missing) / present + 1e-12;
  }

  it('is decoded by the field-weighted centre within the analytic bound', () => {
    fc.assert(
      fc.property(value, fc.integer({ min: 3, max: 20 }), fc.constantFrom(0, 0.1, 0.3), (sample, m, cutoff) => {
        const responses = sumsOf(prepare('population', { fields: m, cutoff }, { size: m, steps: 1 }), [sample], m);
        const error = Math.abs(fieldCentre(receptiveFields(m, gamma), responses) - unit(sample));
        expect(error).toBeLessThanOrEqual(bound(m, unit(sample), responses));
      }),
    );
  });

  it('is nearly exact inside the range without a cut-off', () => {
    const fields = receptiveFields(12, gamma);
    for (let x = 0.3; x < 0.7; x += 0.013) {
      const sample = [RANGE[0] + x * (RANGE[1] - RANGE[0])];
      const responses = sumsOf(prepare('population', { fields: 12, cutoff: 0 }, { size: 12, steps: 1 }), sample, 12);
      expect(Math.abs(fieldCentre(fields, responses) - x)).toBeLessThan(1e-4);
    }
  });

  it('through the population vector comes back in sensor units within the analytic bound', () => {
    fc.assert(
      fc.property(value, fc.integer({ min: 3, max: 20 }), fc.constantFrom(0, 0.1, 0.3), (sample, m, cutoff) => {
        const responses = sumsOf(prepare('population', { fields: m, cutoff }, { size: m, steps: 1 }), [sample], m);
        const site = { size: m, steps: 1, dt: 0.001, random: new RandomGenerator(1, 'decoder') };
        const decoder = decoderKindOf('population-vector', 'test').prepare({ fields: m, range: RANGE }, site);
        const events = { length: m, step: () => 0, index: (k: number) => k, value: (k: number) => responses[k]! };
        const decoded = decoder.decode({ steps: 1, events, membrane: undefined }).values[0]!;
        const span = RANGE[1] - RANGE[0];
        expect(Math.abs(decoded - sample)).toBeLessThanOrEqual(bound(m, unit(sample), responses) * span + 1e-9);
      }),
    );
  });

  it('with a cut-off above all responses is silent, with 0 none is', () => {
    const silent = prepare('population', { fields: 4, cutoff: 1 }, { size: 4, steps: 3 });
    expect(Array.from(sumsOf(silent, [11], 4))).toEqual([0, 0, 0, 0]);
    const all = sumsOf(prepare('population', { fields: 4, cutoff: 0 }, { size: 4, steps: 3 }), [11], 4);
    expect(all.every((sum) => sum > 0)).toBe(true);
  });

  it('keeps fields silent that answer below the cut-off', () => {
    const responses = sumsOf(prepare('population', { fields: 8, cutoff: 0.1 }, { size: 8, steps: 1 }), [20], 8);
    const expected = Array.from({ length: 8 }, (_, i) => Math.exp(-(((0.5 - (2 * i - 1) / 12) * 9) ** 2) / 2));
    expect(Array.from(responses)).toEqual(expected.map((r) => (r < 0.1 ? 0 : expect.closeTo(r, 12))));
  });

  it('as latencies fires strong fields first, and is decoded within the grid', () => {
    const steps = 101;
    fc.assert(
      fc.property(value, value, (a, b) => {
        const encoder = prepare('population', { fields: 8, emits: 'latency' }, { size: 16, steps });
        const strengths = new Float64Array(16);
        encoder.encode([a, b], (step, index, amount) => {
          expect(amount).toBe(1);
          expect(strengths[index]).toBe(0);
          strengths[index] = strengthOfLatency(step, steps);
        });
        const graded = sumsOf(prepare('population', { fields: 8 }, { size: 16, steps: 1 }), [a, b], 16);
        for (let i = 0; i < 16; i++) {
          expect(Math.abs(strengths[i]! - graded[i]!)).toBeLessThanOrEqual(0.5 / (steps - 1) + 1e-12);
        }
      }),
    );
  });
});

describe('delta', () => {
  const threshold = 0.03;
  const stream = fc.array(value, { minLength: 1, maxLength: 60 });

  it('is decoded within the threshold by counting events, in both polarities', () => {
    fc.assert(
      fc.property(stream, (samples) => {
        const split = prepare('delta', { threshold }, { size: 2, steps: 100 });
        const signed = prepare('delta', { threshold, polarity: 'signed' }, { size: 1, steps: 100 });
        let sent = 0.5;
        for (const sample of samples) {
          const [up, down] = sumsOf(split, [sample], 2) as unknown as [number, number];
          expect(up === 0 || down === 0).toBe(true);
          expect(sumsOf(signed, [sample], 1)[0]).toBe(up - down);
          sent += threshold * (up - down);
          expect(Math.abs(sent - unit(sample))).toBeLessThan(threshold * (1 + 1e-9));
        }
      }),
    );
  });

  it('is silent while a channel moves by less than the threshold', () => {
    const encoder = prepare('delta', { threshold }, { size: 2, steps: 10 });
    sumsOf(encoder, [20], 2);
    for (const sample of [21, 19, 22, 18, 20]) expect(sumsOf(encoder, [sample], 2)).toEqual(new Float64Array(2));
  });

  it('bounds the events of a sample and catches up with the next', () => {
    const encoder = prepare('delta', { threshold, maxEvents: 5 }, { size: 2, steps: 10 });
    const ups = [60, 60, 60, 60, 60].map((sample) => sumsOf(encoder, [sample], 2)[0]);
    // From the middle to the upper end is 0.5/0.03, 16 whole events.
    expect(ups).toEqual([5, 5, 5, 1, 0]);
  });

  it('never loses its place, however long it runs', () => {
    const encoder = prepare('delta', { threshold: 0.1 }, { size: 2, steps: 10 });
    let sent = 0;
    for (let k = 0; k < 20_000; k++) {
      const [up, down] = sumsOf(encoder, [20 + 39 * Math.sin(k)], 2) as unknown as [number, number];
      sent += up - down;
      expect(Math.abs(0.5 + 0.1 * sent - unit(20 + 39 * Math.sin(k)))).toBeLessThan(0.1 + 1e-9);
    }
  });
});
