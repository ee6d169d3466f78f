import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Scorecard } from './scorecard.ts';
import type { MoteStream } from './wsn.ts';

const LENGTH = 300;
const HOLD_OFF = 10;
const WARM_UP = 20;

function stream(id: string, events: MoteStream['events'] = []): MoteStream {
  return {
    id,
    name: id,
    readings: Array.from({ length: LENGTH }, () => ({ temperature: 0, humidity: 0, labelled: false })),
    events,
  };
}

const streams = [stream('a', [{ first: 100, last: 150 }]), stream('moved')];
const newCard = () =>
  new Scorecard(streams, { stream: 'moved', reading: 200, shift: 3 }, { warmUp: WARM_UP, holdOff: HOLD_OFF });

function score(flags: Partial<Record<'a' | 'moved', readonly number[]>>, card = newCard()) {
  for (const id of ['a', 'moved'] as const) {
    for (let k = 0; k < LENGTH; k++) card.take(id, k, { anomaly: flags[id]?.includes(k) ?? false, error: [1, 2] });
  }
  return card.score();
}

describe('scorecard', () => {
  it('finds an event at the first flag in it, once, with its delay', () => {
    expect(score({ a: [103, 104, 130, 149] })).toMatchObject({ events: 1, found: 1, delays: [3], falseEpisodes: 0 });
  });

  it('does not find an event into which the stream was flagging already', () => {
    expect(score({ a: [95, 101, 108] })).toMatchObject({ found: 0, delays: [], falseEpisodes: 1 });
    expect(score({ a: [89, 100] })).toMatchObject({ found: 1, delays: [0], falseEpisodes: 1 });
  });

  it('counts runs of flags with fewer than the hold-off of quiet readings between as one episode', () => {
    expect(score({ a: [30, 31, 40, 50] }).falseEpisodes).toBe(1);
    expect(score({ a: [30, 41] }).falseEpisodes).toBe(2);
    expect(score({ a: [5, 30] })).toMatchObject({ falseEpisodes: 1, flagged: 1 / (2 * (LENGTH - WARM_UP)) });
  });

  it('takes flags at the moved sensor for no false alarm and says when it was quiet again', () => {
    expect(score({ moved: [200, 201, 205] })).toMatchObject({ falseEpisodes: 0, quietAfter: 6 });
    expect(score({})).toMatchObject({ quietAfter: 0 });
    expect(score({ moved: Array.from({ length: 100 }, (_, k) => 200 + k) })).toMatchObject({
      falseEpisodes: 0,
      quietAfter: null,
    });
    expect(score({ moved: [200, 230] })).toMatchObject({ falseEpisodes: 1, quietAfter: 1 });
  });

  it('has the mean errors of readings that were predicted', () => {
    const card = newCard();
    card.take('a', 50, { anomaly: false, error: [1, Number.NaN] });
    card.take('a', 51, { anomaly: false, error: [3, 5] });
    card.take('a', 3, { anomaly: false, error: [1e9, 1e9] });
    expect(card.score()).toMatchObject({ temperatureError: 2, humidityError: 5, readings: 2 });
  });

  it('saved and restored anywhere gives the same score', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(LENGTH - 1)), fc.nat(LENGTH), (flags, cut) => {
        const card = newCard();
        const rest = newCard();
        const judge = (k: number) => ({ anomaly: flags.includes(k), error: [k / 7, k / 3] as const });
        for (let k = 0; k < cut; k++) card.take('a', k, judge(k));
        rest.restore('a', card.save('a'));
        for (let k = cut; k < LENGTH; k++) {
          card.take('a', k, judge(k));
          rest.take('a', k, judge(k));
        }
        expect(rest.score()).toEqual(card.score());
      }),
    );
  });
});
