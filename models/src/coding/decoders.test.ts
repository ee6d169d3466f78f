import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
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

function prepare(type: string, parameters = {}, size = 3) {
  return decoderKindOf(type, 'here').prepare(parameters, { size, steps: 10, dt: 0.002 });
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

  it('are found by type, or the error lists the types', () => {
    expect(decoderKinds.map(({ type }) => type)).toEqual(['count', 'max-rate', 'membrane-softmax', 'linear']);
    expect(() => decoderKindOf('counts', 'output "out"')).toThrow(
      'output "out": has unknown decoder "counts"; expected count, max-rate, membrane-softmax, linear',
    );
  });

  it('name an unknown parameter and the allowed ones', () => {
    expect(() => prepare('membrane-softmax', { beta: 2 })).toThrow(
      'decoder "membrane-softmax": has no parameter "beta"; expected temperature',
    );
    for (const type of ['count', 'max-rate', 'linear']) {
      expect(() => prepare(type, { beta: 2 })).toThrow('has no parameter "beta"; expected no parameters');
    }
  });
});
