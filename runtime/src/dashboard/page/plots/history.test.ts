import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ReadingsEvent } from '../../wire.ts';
import { History } from './history.ts';

/** An event with readings of these numbers; every value is ten times the number. */
function event(seq: readonly number[]): ReadingsEvent {
  const values = seq.map((number) => number * 10);
  return {
    seq,
    time: seq,
    readings: seq.map(() => 1),
    flags: seq.map(() => 0),
    values: [values],
    expected: [values.map(() => null)],
    score: values,
    limit: values,
    said: seq.map(() => []),
    error: values,
    rate: values,
    raster: { windowSteps: 1, counts: seq.map(() => 0), steps: [], neurons: [] },
    status: {
      anomaly: false,
      learning: true,
      warmUp: { done: true, readings: 1, of: 1 },
      spikes: 0,
      memory: { resident: 0, network: 0 },
      saved: null,
      counters: { received: 0, bad: 0, dropped: 0, published: 0 },
      latencyMicroseconds: null,
      now: 0,
      merged: 0,
      thinned: 0,
    },
  };
}

describe('history', () => {
  it('holds exactly the readings within the span of the newest, however they arrive', () => {
    const gaps = fc.array(fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 20 }), { minLength: 1 });
    fc.assert(
      fc.property(gaps, fc.integer({ min: 1, max: 100 }), (batches, span) => {
        const history = new History(span);
        const sent: number[] = [];
        for (const batch of batches) {
          const from = sent.length;
          for (const gap of batch) {
            sent.push((sent.at(-1) ?? 0) + gap);
          }
          history.add(event(sent.slice(from)));
        }
        const shown = sent.filter((number) => number > sent.at(-1)! - span);
        expect(history.seq).toEqual(shown);
        expect(history.values).toEqual([shown.map((number) => number * 10)]);
        expect(history.expected).toEqual([shown.map(() => null)]);
        expect(history.rate).toEqual(history.values[0]);
      }),
    );
  });

  it('takes up labels of the readings it has, and of no others', () => {
    const history = new History(100);
    history.add({
      ...event([1, 2, 3]),
      named: { answer: ['a', 'a', 'b'], base: [null, null, null], truth: [null, 'a', null] },
    });
    history.label({ time: [3, 4], truth: ['a', 'b'] });
    expect(history.truth).toEqual([null, 'a', 'a']);
  });

  it('has no labels of a net that names no classes', () => {
    const history = new History(100);
    history.add(event([1, 2]));
    history.label({ time: [2], truth: ['a'] });
    expect(history.truth).toEqual([]);
  });

  it('starts again when the numbers start again', () => {
    const history = new History(100);
    history.add(event([50, 51]));
    history.add(event([1, 2, 3]));
    expect(history.seq).toEqual([1, 2, 3]);
    expect(history.score).toEqual([10, 20, 30]);
  });
});
