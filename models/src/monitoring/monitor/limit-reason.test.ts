import { describe, expect, it } from 'vitest';
import { RandomGenerator } from '../../random/generator.ts';
import { Watch } from '../watch.ts';

const NOON = Date.UTC(2026, 10, 27, 12);

/** A watch and a stream of one number of unit noise around 20, a reading a second. */
class Stream {
  readonly watch: Watch;
  readonly #random = new RandomGenerator(1, 'noise');
  #read = 0;

  constructor(type: string, parameters: object = {}) {
    this.watch = new Watch({ type, parameters: { warmUp: 100, ...parameters } }, { channels: ['level'], outputs: 1 });
  }

  ordinary(readings: number): void {
    for (let k = 0; k < readings; k++) this.read(20 + this.#random.nextNormal());
  }

  read(value: number): boolean {
    const sample = Float64Array.of(value);
    const nothing = { normalised: undefined, expected: undefined, error: undefined };
    const sequence = ++this.#read;
    const time = NOON + 1000 * sequence;
    return this.watch.read({ time, sequence, interval: 1000, values: sample, sample, ...nothing }, true)!.anomaly;
  }

  get reasons() {
    return this.watch.limitReasons;
  }
}

const stretch = (first: number, last: number) => ({
  first,
  last,
  begun: NOON + 1000 * first,
  ended: NOON + 1000 * last,
});

describe('the reason of a limit', () => {
  it('is none where ordinary readings have taught it', () => {
    const stream = new Stream('jump');
    stream.ordinary(500);
    expect(stream.reasons).toEqual([]);
  });

  it('is that a person has set it, until that is taken back or is the same', () => {
    const stream = new Stream('jump');
    stream.watch.configure({ sensitivity: 15 });
    expect(stream.reasons).toEqual([{ kind: 'set', to: 15, from: 10 }]);
    stream.watch.preset({ sensitivity: 12 });
    expect(stream.reasons).toEqual([{ kind: 'set', to: 15, from: 12 }]);
    stream.watch.configure({ sensitivity: 12 });
    expect(stream.reasons).toEqual([]);
    stream.watch.configure({ sensitivity: 15 });
    stream.watch.returnToLearned();
    expect(stream.reasons).toEqual([]);
  });

  it.each(['jump', 'extremum'])(
    'is that a person has called a stretch normal, which a restart remembers: %s',
    (type) => {
      const stream = new Stream(type, { normalFor: 200 });
      stream.ordinary(400);
      for (const value of [400, 500]) expect(stream.read(value)).toBe(true);
      stream.watch.acceptLast();
      const reason = { kind: 'called-normal', by: 'person', ...stretch(401, 402) };
      expect(stream.reasons).toContainEqual(reason);
      const again = new Stream(type, { normalFor: 200 });
      for (const [name, { view }] of Object.entries(stream.watch.state)) again.watch.state[name]!.view.set(view);
      expect(again.reasons).toEqual(stream.reasons);
      // As long as it holds.
      stream.ordinary(1000);
      expect(stream.reasons).toEqual([]);
    },
  );

  it('is of an earlier state, which does not say in which stretch, that it was called normal', () => {
    const stream = new Stream('jump');
    stream.ordinary(400);
    stream.read(400);
    stream.watch.acceptLast();
    stream.watch.state.normalCauses!.view.fill(0);
    expect(stream.reasons).toEqual([{ kind: 'called-normal', by: 'person' }]);
  });

  it('is that the same came and went by itself three times', () => {
    const stream = new Stream('jump');
    stream.ordinary(400);
    let at = 400;
    for (let k = 0; k < 3; k++) {
      expect([k, stream.read(100), stream.reasons]).toEqual([k, true, []]);
      stream.ordinary(99);
      at += 100;
    }
    expect(stream.reasons).toEqual([{ kind: 'called-normal', by: 'recurring', ...stretch(at - 99, at - 98) }]);
    expect(stream.read(100)).toBe(false);
  });

  it('is what was rare in the warm-up', () => {
    const stream = new Stream('jump', { warmUp: 600 });
    stream.ordinary(500);
    stream.read(100);
    stream.ordinary(200);
    expect(stream.reasons).toEqual([{ kind: 'called-normal', by: 'warm-up' }]);
  });

  it('is that unusual readings went on for so long that they count, until as many ordinary ones have come', () => {
    const stream = new Stream('jump', { sensitivity: 3 });
    stream.ordinary(400);
    for (let k = 0; k < 299; k++) stream.read(20 + 100 * 3 ** (k % 2 ? k / 3 : -k / 3));
    expect(stream.reasons).toEqual([]);
    for (let k = 0; k < 40 && stream.reasons.length === 0; k++) stream.read(k % 2 ? 1e60 * 4 ** k : 0);
    expect(stream.reasons).toEqual([{ kind: 'unusual-readings', readings: 300, isForNow: false }]);
    stream.ordinary(299);
    expect(stream.reasons).toHaveLength(1);
    stream.ordinary(2);
    expect(stream.reasons).toEqual([]);
  });

  it('is what a few unusual readings have taught for now, and only for now', () => {
    const stream = new Stream('extremum');
    stream.ordinary(400);
    for (let k = 0; k < 5; k++) stream.read(100 + k);
    expect(stream.reasons).toEqual([{ kind: 'unusual-readings', readings: 5, isForNow: true }]);
    stream.ordinary(3);
    expect(stream.reasons).toEqual([{ kind: 'unusual-readings', readings: 2, isForNow: true }]);
    stream.ordinary(2);
    expect(stream.reasons).toEqual([]);
  });
});
