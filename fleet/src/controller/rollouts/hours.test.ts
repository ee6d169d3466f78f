import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkHours, DAYS, type Hours, isWithin, openedAt, opening, openingText } from './hours.ts';

const NIGHT: Hours = { from: '22:00', to: '05:00', zone: 'Europe/Berlin' };
const at = (text: string) => Date.parse(text);

describe('the hours of a plan', () => {
  it.each([
    ['2026-12-02T20:59:59Z', false],
    ['2026-12-02T21:00:00Z', true],
    ['2026-12-03T03:59:59Z', true],
    ['2026-12-03T04:00:00Z', false],
    ['2026-07-01T20:00:00Z', true], // summer: two hours ahead
    ['2026-07-01T03:00:00Z', false],
  ])('over midnight: %s', (time, expected) => {
    expect(isWithin(NIGHT, at(time))).toBe(expected);
  });

  it('belong to the day on which they begin', () => {
    const friday: Hours = { ...NIGHT, days: ['fri'] };
    expect(isWithin(friday, at('2026-12-04T22:00:00Z'))).toBe(true);
    expect(isWithin(friday, at('2026-12-05T03:00:00Z'))).toBe(true);
    expect(isWithin(friday, at('2026-12-04T03:00:00Z'))).toBe(false);
    expect(opening(friday, at('2026-12-05T04:00:00Z'))).toBe(at('2026-12-11T21:00:00Z'));
    expect(openingText(friday, at('2026-12-05T04:00:00Z'))).toBe('2026-12-11 22:00 (Europe/Berlin)');
    expect(openingText(NIGHT, at('2026-12-05T12:00:00Z'))).toBe('22:00 (Europe/Berlin)');
  });

  it.each([
    ['2026-12-04T20:59:59Z', undefined],
    ['2026-12-04T21:00:59Z', '2026-12-04T21:00:00.000Z'],
    ['2026-12-05T03:59:59Z', '2026-12-04T21:00:00.000Z'],
  ])('at %s they have begun at %s', (time, expected) => {
    const begun = openedAt(NIGHT, at(time));
    expect(begun && new Date(begun).toISOString()).toBe(expected);
  });

  it('are all day where they begin and end at the same time', () => {
    const monday: Hours = { from: '00:00', to: '00:00', days: ['mon'], zone: 'UTC' };
    expect(isWithin(monday, at('2026-12-07T23:59:00Z'))).toBe(true);
    expect(isWithin(monday, at('2026-12-08T00:00:00Z'))).toBe(false);
  });

  // 2026-03-29: 02:00 is 03:00 in Berlin. 2026-10-25: 03:00 is 02:00 once more.
  it.each([
    [{ from: '02:30', to: '05:00' }, '2026-03-28T12:00:00Z', '2026-03-29T01:00:00Z'],
    [{ from: '02:15', to: '02:45' }, '2026-03-28T12:00:00Z', '2026-03-30T00:15:00Z'],
    [{ from: '22:00', to: '23:00' }, '2026-03-28T22:30:00Z', '2026-03-29T20:00:00Z'],
    [{ from: '02:30', to: '05:00' }, '2026-10-24T12:00:00Z', '2026-10-25T00:30:00Z'],
    [{ from: '02:15', to: '02:45' }, '2026-10-25T00:50:00Z', '2026-10-25T01:15:00Z'],
    [{ from: '22:00', to: '23:00' }, '2026-10-24T21:30:00Z', '2026-10-25T21:00:00Z'],
  ])('%j begin at both changes of the clocks as the clock on the wall shows, after %s', (change, time, expected) => {
    expect(new Date(opening({ ...NIGHT, ...change }, at(time))).toISOString()).toBe(new Date(expected).toISOString());
  });

  it('begin at the first minute in them, whatever they are', () => {
    const time = fc.integer({ min: 0, max: 1439 }).map((minutes) => {
      const two = (value: number) => String(value).padStart(2, '0');
      return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
    });
    const days = fc.subarray([...DAYS], { minLength: 1 });
    const zone = fc.constantFrom('Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe', 'Asia/Kathmandu');
    // Around the changes of the clocks, too.
    const now = fc.integer({ min: at('2026-03-01T00:00:00Z') / 60_000, max: at('2026-11-15T00:00:00Z') / 60_000 });
    fc.assert(
      fc.property(fc.record({ from: time, to: time, days, zone }), now, fc.nat(10_000), (hours, minute, back) => {
        const begins = opening(hours, minute * 60_000);
        expect(isWithin(hours, begins)).toBe(true);
        const before = begins - (1 + back) * 60_000;
        if (before >= minute * 60_000) expect(isWithin(hours, before)).toBe(false);
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    [{ from: '24:00' }, 'plan, hours.from: is "24:00"; expected HH:MM'],
    [{ to: '5:00' }, 'plan, hours.to: is "5:00"; expected HH:MM'],
    [{ days: [] }, 'plan, hours.days: is []; expected mon, tue'],
    [{ zone: 'Europe/Berln' }, 'plan, hours.zone: is "Europe/Berln"; expected an IANA name'],
  ])('with %j are refused', (change, message) => {
    expect(() => checkHours({ ...NIGHT, ...change })).toThrow(message);
  });
});
