import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomGenerator } from '../../random/generator.ts';
import type { DecoderWindow } from './decoder.ts';
import { decoderKindOf, decoderKinds } from './decoders.ts';

type Event = readonly [step: number, index: number, value: number];

function windowOf(steps: number, events: readonly Event[], membrane?: ArrayLike<number>): DecoderWindow {
  return {
    steps,
    events: {
      length: events.length,
      step: (k) => events[k]![0],
      index: (k) => events[k]![1],
      value: (k) => events[k]![2],
    },
    membrane,
  };
}

function prepare(type: string, parameters = {}, { size = 3, steps = 10, seed = 1 } = {}) {
  const random = new RandomGenerator(seed, 'decoder');
  return decoderKindOf(type, 'here').prepare(parameters, { size, steps, dt: 0.002, random });
}

const spikes: readonly Event[] = [
  [0, 1, 1],
  [2, 0, 1],
  [2, 2, 1],
  [5, 2, 1],
  [9, 1, 2],
];

describe('decoders', () => {
  it('count: spikes per element, several of one step included; the winner has most', () => {
    const { values, winner } = prepare('count').decode(windowOf(10, spikes));
    expect([Array.from(values), winner]).toEqual([[1, 3, 2], 1]);
  });

  it('max-rate: rates in Hz', () => {
    const { values, winner } = prepare('max-rate').decode(windowOf(10, spikes));
    expect(Array.from(values)).toEqual([50, 150, 100].map((rate) => expect.closeTo(rate, 10)));
    expect(winner).toBe(1);
  });

  it('of equal ones the lowest index wins, in silence too', () => {
    for (const type of ['count', 'max-rate']) {
      const decoder = prepare(type);
      expect(
        decoder.decode(
          windowOf(10, [
            [0, 2, 1],
            [1, 1, 1],
          ]),
        ).winner,
      ).toBe(1);
      expect(decoder.decode(windowOf(10, [])).winner).toBe(0);
    }
    expect(prepare('membrane-softmax').decode(windowOf(10, [], [0.1, 0.7, 0.7])).winner).toBe(1);
  });

  it('starts every window anew', () => {
    for (const type of ['count', 'max-rate', 'linear']) {
      const decoder = prepare(type);
      decoder.decode(windowOf(10, spikes));
      expect(Array.from(decoder.decode(windowOf(10, [])).values)).toEqual([0, 0, 0]);
    }
  });

  it('membrane-softmax: probabilities, e times as likely for each temperature above', () => {
    const membrane = fc.array(fc.double({ min: -1e4, max: 1e4, noNaN: true }), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(membrane, fc.double({ min: 0.01, max: 100, noNaN: true }), (v, temperature) => {
        const { values, winner } = prepare('membrane-softmax', { temperature }).decode(windowOf(10, [], v));
        expect(values.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 10);
        expect(winner).toBe(v.indexOf(Math.max(...v)));
        for (let i = 0; i < 3; i++) {
          const ratio = Math.exp((v[i]! - v[winner]!) / temperature);
          expect(values[i]! / values[winner]!).toBeCloseTo(ratio, 10);
        }
      }),
    );
    expect(() => prepare('membrane-softmax').decode(windowOf(10, []))).toThrow(
      'gets no membrane; expected a neuron node',
    );
  });

  it('linear: what the read-out holds at the end', () => {
    const { values, winner } = prepare('linear').decode(windowOf(10, spikes, [0.25, -1.5, 3]));
    expect([Array.from(values), winner]).toEqual([[0.25, -1.5, 3], -1]);
  });

  it('linear: without a membrane the graded events of the last step, summed', () => {
    const graded: readonly Event[] = [
      [8, 0, 5],
      [9, 0, 0.5],
      [9, 2, -2],
      [9, 0, 0.25],
    ];
    expect(Array.from(prepare('linear').decode(windowOf(10, graded)).values)).toEqual([0.75, 0, -2]);
  });

  it('earliest-spike: times of the first spikes, the window where there is none; the winner is first', () => {
    const decoder = prepare('earliest-spike');
    const { values, winner } = decoder.decode(windowOf(10, spikes));
    expect([Array.from(values), winner]).toEqual([[0.004, 0, 0.004], 1]);
    const late = decoder.decode(
      windowOf(10, [
        [3, 2, 0],
        [7, 2, 1],
      ]),
    );
    expect([Array.from(late.values), late.winner]).toEqual([[0.02, 0.02, 0.014], 2]);
    const silent = decoder.decode(windowOf(10, []));
    expect([Array.from(silent.values), silent.winner]).toEqual([[0.02, 0.02, 0.02], 0]);
  });

  it('rank: m to the number of elements that came in earlier steps; later spikes and silence count for nothing', () => {
    const events: Event[] = [
      [0, 3, 1],
      [1, 3, 1],
      [4, 0, 1],
      [4, 2, 1],
      [6, 0, 1],
      [9, 4, 1],
    ];
    const decoder = prepare('rank', { modulation: 0.5 }, { size: 6 });
    const { values, winner } = decoder.decode(windowOf(10, events));
    expect([Array.from(values), winner]).toEqual([[0.5, 0, 0.5, 1, 0.125, 0], 3]);
    const silent = decoder.decode(windowOf(10, []));
    expect([Array.from(silent.values), silent.winner]).toEqual([[0, 0, 0, 0, 0, 0], 0]);
  });

  it('rank: holds the order of any number of elements apart from silence', () => {
    const events = Array.from({ length: 9000 }, (_, k): Event => [k, 9000 - k, 1]);
    const { values } = prepare('rank', { modulation: 0.5 }, { size: 9001 }).decode(windowOf(9000, events));
    expect([values[0], values[9000]]).toEqual([0, 1]);
    expect(values.subarray(1).every((value) => value > 0)).toBe(true);
  });

  describe('softmax-drawn', () => {
    const potentials = [0.2, -1, 1.1];
    const exponentials = potentials.map((v) => Math.exp(v / 0.7));
    const shares = exponentials.map((e) => e / exponentials.reduce((sum, other) => sum + other));
    const steps = 20_000;
    /** A read-out that holds the potentials, as it emits them in every step. */
    const held = Array.from({ length: 3 * steps }, (_, k): Event => [Math.floor(k / 3), k % 3, potentials[k % 3]!]);

    it('draws spikes with the softmax probabilities of the potentials', () => {
      const decoder = prepare('softmax-drawn', { temperature: 0.7 }, { steps });
      const { values, winner } = decoder.decode(windowOf(steps, held));
      expect(values.reduce((sum, count) => sum + count)).toBe(steps);
      expect(winner).toBe(2);
      for (const [i, p] of shares.entries()) {
        expect(Math.abs(values[i]! - steps * p)).toBeLessThan(4.5 * Math.sqrt(steps * p * (1 - p)));
      }
    });

    it('draws as many as the Poisson generator calls for', () => {
      const { values } = prepare('softmax-drawn', { rate: 100 }, { steps }).decode(windowOf(steps, held));
      const p = 1 - Math.exp(-100 * 0.002);
      const drawn = values.reduce((sum, count) => sum + count);
      expect(Math.abs(drawn - steps * p)).toBeLessThan(4.5 * Math.sqrt(steps * p * (1 - p)));
    });

    it('summed: sums up what a connection or spikes bring', () => {
      // After the first step the potential of 1 lies 800 above: the others are never drawn again.
      const events: Event[] = [[1, 1, 800]];
      const decoder = prepare('softmax-drawn', { potential: 'summed' }, { steps: 500 });
      const { values } = decoder.decode(windowOf(500, events));
      expect(values[1]).toBeGreaterThanOrEqual(499);
      // Emitted, it counts in its own step only: in the 499 others all are alike.
      const emitted = prepare('softmax-drawn', {}, { steps: 500 }).decode(windowOf(500, events)).values;
      for (const count of emitted) expect(Math.abs(count - 500 / 3)).toBeLessThan(4.5 * Math.sqrt((500 * 2) / 9));
    });

    it('is reproducible by its seed, goes on the same after save and restore, and differs between seeds', () => {
      const window = windowOf(50, held.slice(0, 150));
      const run = (seed: number) => Array.from(prepare('softmax-drawn', {}, { seed }).decode(window).values);
      expect(run(3)).toEqual(run(3));
      expect([4, 5, 6].map(run)).not.toEqual([3, 3, 3].map(run));
      const original = prepare('softmax-drawn');
      original.decode(window);
      const restored = prepare('softmax-drawn', {}, { seed: 9 });
      restored.state!.random!.view.set(original.state!.random!.view);
      for (let k = 0; k < 5; k++) expect(restored.decode(window).values).toEqual(original.decode(window).values);
    });

    it('stays finite for wild potentials', () => {
      const wild: Event[] = [
        [0, 0, 1e308],
        [0, 1, -1e308],
      ];
      const { values } = prepare('softmax-drawn', {}, { steps: 1 }).decode(windowOf(1, wild));
      expect(Array.from(values)).toEqual([1, 0, 0]);
    });
  });

  describe('population-vector', () => {
    it('over a circle is exact for cosine tuning', () => {
      fc.assert(
        fc.property(
          fc.double({ min: -0.49, max: 0.49, noNaN: true }),
          fc.integer({ min: 3, max: 12 }),
          fc.double({ min: 0.1, max: 1, noNaN: true }),
          (turns, fields, depth) => {
            const events = Array.from({ length: fields }, (_, f): Event => {
              return [0, f, 1 + depth * Math.cos(2 * Math.PI * (f / fields - turns))];
            });
            const decoder = prepare('population-vector', { fields, over: 'circle', range: [0, 360] }, { size: fields });
            const degrees = decoder.decode(windowOf(10, events)).values[0]!;
            const error = Math.abs(degrees / 360 - turns - Math.round(degrees / 360 - turns));
            expect(error).toBeLessThan(1e-9);
          },
        ),
      );
    });

    it.each([3, 4, 5, 7, 12])('over a circle has no direction where all of %d elements are as active', (fields) => {
      const decoder = prepare('population-vector', { fields, over: 'circle', range: [0, 360] }, { size: fields });
      const events = Array.from({ length: fields }, (_, f): Event => [0, f, 3.3]);
      expect(decoder.decode(windowOf(10, events)).values[0]).toBe(180);
    });

    it('has one value per channel in sensor units, and the middle of the range where nothing is said', () => {
      const range = [
        [0, 1],
        [-20, 60],
      ];
      const decoder = prepare('population-vector', { fields: 3, range }, { size: 6 });
      // Fields of three: centres −0.5, 0.5 and 1.5 of the range.
      const events: Event[] = [
        [0, 4, 1],
        [3, 4, 1],
        [5, 5, 2],
      ];
      const { values, winner } = decoder.decode(windowOf(10, events));
      expect(decoder.outputs).toBe(2);
      expect([Array.from(values), winner]).toEqual([[0.5, 60], -1]);
      const circle = prepare('population-vector', { fields: 3, over: 'circle' }, { size: 3 });
      expect(circle.decode(windowOf(10, [])).values[0]).toBe(0.5);
    });

    it.each([
      [{ fields: 2 }, 'fields: is 2; expected at least 3'],
      [{ fields: 4 }, 'output has 6 elements; expected a multiple of the 4 fields'],
      [{ fields: 3, range: 'auto' }, 'range: is "auto"; expected [low, high], because a decoder sees no samples'],
      [{ fields: 3, over: 'sphere' }, 'over: is "sphere"; expected "line" or "circle"'],
      [{ fields: 3, range: [1, 0] }, 'range: is [1,0]'],
    ])('refuses %j', (parameters, message) => {
      expect(() => prepare('population-vector', parameters, { size: 6 })).toThrow(message);
    });
  });

  it.each([
    ['rank', { modulation: 1.1 }, 'modulation: is 1.1; expected at most 1'],
    ['softmax-drawn', { rate: 0 }, 'rate: is 0; expected a number above 0'],
    ['softmax-drawn', { temperature: 0 }, 'temperature: is 0; expected a number above 0'],
    ['softmax-drawn', { potential: 'held' }, 'potential: is "held"; expected "emitted" or "summed"'],
  ])('%s refuses %j', (type, parameters, message) => {
    expect(() => prepare(type, parameters)).toThrow(message);
  });

  it('classify, or have no winner', () => {
    for (const { type, classifies } of decoderKinds) {
      const parameters = type === 'population-vector' ? { fields: 3 } : {};
      const { winner } = prepare(type, parameters).decode(windowOf(10, spikes, [0.1, 0.7, 0.2]));
      expect(winner >= 0, type).toBe(classifies && type !== 'teachable'); // which was taught no class yet
    }
  });

  it('are found by type, or the error lists the types', () => {
    expect(decoderKinds.map(({ type }) => type)).toEqual([
      ...['count', 'max-rate', 'earliest-spike', 'rank', 'membrane-softmax', 'softmax-drawn', 'population-vector'],
      'linear',
      'teachable',
    ]);
    expect(() => decoderKindOf('counts', 'output "out"')).toThrow(
      'output "out": has unknown decoder "counts"; expected count, max-rate, earliest-spike, rank, membrane-softmax, ' +
        'softmax-drawn, population-vector, linear, teachable',
    );
  });

  it('name an unknown parameter and the allowed ones', () => {
    expect(() => prepare('membrane-softmax', { beta: 2 })).toThrow(
      'decoder "membrane-softmax": has no parameter "beta"; expected temperature',
    );
    for (const type of ['count', 'max-rate', 'earliest-spike', 'linear']) {
      expect(() => prepare(type, { beta: 2 })).toThrow('has no parameter "beta"; expected no parameters');
    }
  });
});
