import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SpikewireError } from '../../error.ts';
import { viewsOf } from '../../kept-numbers.ts';
import { RandomGenerator } from '../../random/generator.ts';
import type { Encoder } from './encoder.ts';
import { encoderKindOf, encoderKinds } from './encoders.ts';

type Event = readonly [step: number, index: number, value: number];

const CHANNELS = 3;
const STEPS = 12;

const uses = encoderKinds.flatMap(({ type, examples }) =>
  examples.map(({ parameters, elements = 1 }) => ({ type, size: CHANNELS * elements, parameters })),
);

function prepare({ type, size, parameters }: (typeof uses)[number], random: RandomGenerator, more = {}): Encoder {
  return encoderKindOf(type, 'here').prepare({ ...parameters, ...more }, { size, steps: STEPS, dt: 0.001, random });
}

function eventsOf(encoder: Encoder, sample: ArrayLike<number>): Event[] {
  const events: Event[] = [];
  encoder.encode(sample, (step, index, value) => events.push([step, index, value]));
  return events;
}

function errorOf(action: () => unknown): SpikewireError {
  try {
    action();
  } catch (error) {
    if (error instanceof SpikewireError) return error;
    throw error;
  }
  throw new Error('gave no error');
}

describe('every encoder', () => {
  const sample = fc.array(fc.double({ min: -60, max: 90, noNaN: true }), { minLength: CHANNELS, maxLength: CHANNELS });
  const samples = fc.array(sample, { minLength: 8, maxLength: 20 });

  it.each(encoderKinds)('has an example: $type', ({ examples }) => {
    expect(examples.length).toBeGreaterThan(0);
  });

  for (const use of uses) {
    const name = `${use.type} ${JSON.stringify(use.parameters)}`;

    it(`emits in order of steps, inside the window and the input: ${name}`, () => {
      fc.assert(
        fc.property(samples, fc.integer(), (stream, seed) => {
          const encoder = prepare(use, new RandomGenerator(seed, 'e'), { range: [-40, 80] });
          expect(encoder.channels).toBe(CHANNELS);
          for (const values of stream) {
            const events = eventsOf(encoder, values);
            const steps = events.map(([step]) => step);
            expect(steps).toEqual(steps.toSorted((a, b) => a - b));
            expect(steps.every((step) => step >= 0 && step < STEPS)).toBe(true);
            expect(events.every(([, index]) => index >= 0 && index < use.size)).toBe(true);
            const keys = events.map(([step, index]) => step * use.size + index);
            expect(new Set(keys).size).toBe(keys.length);
            if (encoderKindOf(use.type, '').emits(use.parameters) === 'spikes') {
              expect(events.every(([, , value]) => value === 1 || value === -1)).toBe(true);
            }
          }
        }),
        { numRuns: 30 },
      );
    });

    it(`goes on the same after its state was saved and restored anywhere: ${name}`, () => {
      fc.assert(
        fc.property(samples, fc.nat(), fc.integer(), (stream, cut, seed) => {
          const at = cut % stream.length;
          const parameters = { range: 'auto', warmUp: 6 };
          const random = new RandomGenerator(seed, 'e');
          const original = prepare(use, random, parameters);
          for (const values of stream.slice(0, at)) eventsOf(original, values);
          const otherRandom = new RandomGenerator(seed + 1, 'other');
          const restored = prepare(use, otherRandom, parameters);
          otherRandom.state.set(random.state);
          for (const [key, view] of Object.entries(viewsOf(original.state))) restored.state[key]!.view.set(view);
          for (const values of stream.slice(at)) {
            expect(eventsOf(restored, values)).toEqual(eventsOf(original, values));
            expect(restored.range.samples).toBe(original.range.samples);
          }
          expect(viewsOf(restored.state)).toEqual(viewsOf(original.state));
        }),
        { numRuns: 30 },
      );
    });

    it(`is silent while the range warms up, and shows that: ${name}`, () => {
      const encoder = prepare(use, new RandomGenerator(1, 'e'), { range: 'auto', warmUp: 4 });
      const seen = [];
      for (let k = 0; k < 5; k++) {
        const count = eventsOf(encoder, [k, -k, 10 * k]).length;
        seen.push([encoder.range.ready, encoder.range.samples, encoder.range.of, count > 0]);
      }
      expect(seen).toEqual([
        [false, 1, 4, false],
        [false, 2, 4, false],
        [false, 3, 4, false],
        [true, 4, 4, true],
        [true, 4, 4, true],
      ]);
    });

    it(`refuses a bad sample before anything changes: ${name}`, () => {
      const random = new RandomGenerator(1, 'e');
      const encoder = prepare(use, random, { range: 'auto', warmUp: 4 });
      for (let k = 0; k < 3; k++) eventsOf(encoder, [k, -k, 10 * k]);
      const before = structuredClone([viewsOf(encoder.state), random.state]);
      for (const bad of [
        [1, 2, Number.NaN],
        [1, Number.POSITIVE_INFINITY, 3],
        [1, 2],
        [1, 2, 3, 4],
      ]) {
        const error = errorOf(() => eventsOf(encoder, bad));
        expect(error.code).toBe('input');
        expect(error.where).toBe(`encoder "${use.type}"`);
      }
      expect([viewsOf(encoder.state), random.state]).toEqual(before);
      expect(errorOf(() => eventsOf(encoder, [1, 2, Number.NaN])).message).toContain('channel 2 is NaN');
    });

    it(`names an unknown parameter and the allowed ones: ${name}`, () => {
      const error = errorOf(() => prepare(use, new RandomGenerator(1, 'e'), { maxrate: 3 }));
      expect(error.code).toBe('parameter');
      expect(error.message).toContain('"maxrate"');
      expect(error.expected).toBe(Object.keys(encoderKindOf(use.type, '').parameters).join(', '));
    });
  }

  it('is found by its type, or the error lists the types', () => {
    expect(encoderKindOf('delta', 'input "in"').type).toBe('delta');
    const error = errorOf(() => encoderKindOf('deltas', 'input "in"'));
    expect(error.code).toBe('graph');
    expect(error.message).toBe(
      'input "in": has unknown encoder "deltas"; expected direct, bernoulli, poisson, uniform, latency, rank-order, phase, burst, population, delta, sequence',
    );
  });

  it('takes the type among its parameters, as in the model', () => {
    const random = new RandomGenerator(1, 'e');
    expect(prepare(uses[0]!, random, { type: 'direct' }).channels).toBe(3);
  });

  it.each([
    ['poisson', {}, 'maxRate: is missing'],
    ['poisson', { maxRate: '100' }, 'maxRate: is "100"; expected a number'],
    ['poisson', { maxRate: 0 }, 'maxRate: is 0; expected a number above 0'],
    ['poisson', { maxRate: Number.NaN }, 'maxRate: is NaN; expected a finite number'],
    ['bernoulli', { maxProbability: 1.5 }, 'maxProbability: is 1.5; expected at most 1'],
    ['uniform', {}, 'maxRate: is missing'],
    ['uniform', { maxRate: 1001 }, 'maxRate: is 1001; expected at most 1000, a spike in every step'],
    ['uniform', { maxRate: 10, jitter: 1.5 }, 'jitter: is 1.5; expected at most 1'],
    ['latency', { cutoff: -1 }, 'cutoff: is -1; expected at least 0'],
    ['rank-order', { cutoff: 2 }, 'cutoff: is 2; expected at most 1'],
    ['phase', { phases: 13 }, 'phases: is 13; expected at most the 12 steps of a sample'],
    ['phase', { phases: 31 }, 'phases: is 31; expected at most 30'],
    ['phase', { emits: 'bits' }, 'emits: is "bits"; expected "spikes" or "weighted"'],
    ['burst', { maxSpikes: 1 }, 'maxSpikes: is 1; expected at least 2'],
    ['burst', { maxSpikes: 13 }, 'maxSpikes: is 13; expected at most the 12 steps of a sample'],
    ['burst', { maxSpikes: 4, maxInterval: 0.004 }, 'maxInterval: is 0.004; expected at most 0.003, so that'],
    [
      'burst',
      { maxSpikes: 4, minInterval: 0.004 },
      'minInterval: is 0.004; expected at most the longest interval, 0.003',
    ],
    ['delta', { threshold: -0.1 }, 'threshold: is -0.1; expected at least'],
    ['delta', { maxEvents: 2.5 }, 'maxEvents: is 2.5; expected a whole number'],
    ['delta', { polarity: 'both' }, 'polarity: is "both"; expected "split" or "signed"'],
    ['population', { fields: 2 }, 'fields: is 2; expected at least 3'],
    ['population', { fields: 5 }, 'input has 6 elements; expected a multiple of the 5 fields'],
    ['direct', { range: [3, 3] }, 'range: is [3,3]; expected "auto" or [low, high] with low < high'],
    ['direct', { range: 'automatic' }, 'range'],
    ['direct', { range: [[0, 1]] }, 'range: has 1 ranges; expected one [low, high] for all, or 6, one per channel'],
    ['direct', { range: 'auto', warmUp: 1 }, 'warmUp: is 1; expected at least 2'],
    ['direct', { range: 'auto', tail: 0.5 }, 'tail: is 0.5; expected at most 0.49'],
  ])('refuses a bad parameter of %s: %j', (type, parameters, message) => {
    const site = { size: 6, steps: STEPS, dt: 0.001, random: new RandomGenerator(1, 'e') };
    const error = errorOf(() => encoderKindOf(type, 'here').prepare(parameters, site));
    expect(error.code).toBe('parameter');
    expect(error.message).toContain(`encoder "${type}"`);
    expect(error.message).toContain(message);
  });
});

it('a uniform code without jitter spikes in the very step in which its phase is half an interval', () => {
  // A quarter of an interval in each of the 12 steps of a sample.
  const encoder = prepare({ type: 'uniform', size: 1, parameters: {} }, new RandomGenerator(1, 'e'), { maxRate: 250 });
  const steps = [0, 1].map(() => eventsOf(encoder, [1]).map(([step]) => step));
  expect(steps).toEqual([
    [1, 5, 9],
    [1, 5, 9],
  ]);
});
