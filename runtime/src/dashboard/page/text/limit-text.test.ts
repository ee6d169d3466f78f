import { expect, it } from 'vitest';
import { limitText } from './limit-text.ts';

const noon = new Date('2026-11-27T12:00:00').getTime();
const person = { kind: 'called-normal', by: 'person' } as const;
const stretch = { first: 410, last: 425, begun: noon, ended: noon + 75_000 };
const once = { first: 410, last: 410, begun: noon, ended: noon };

it.each([
  [{ kind: 'set', to: 15, from: 10 } as const, 'set by hand instead of 10'],
  [
    { ...person, ...stretch },
    'raised because somebody pressed “That was normal” (readings 410 to 425, 12:00:00 to 12:01:15)',
  ],
  [{ ...person, ...once }, 'raised because somebody pressed “That was normal” (reading 410, 12:00:00)'],
  [
    { ...person, first: 410, last: 425, begun: 5, ended: 9 },
    'raised because somebody pressed “That was normal” (readings 410 to 425)',
  ],
  [{ ...person, first: 410, last: 425 }, 'raised because somebody pressed “That was normal” (readings 410 to 425)'],
  [person, 'raised because somebody pressed “That was normal”'],
  [
    { kind: 'called-normal', by: 'recurring', ...once } as const,
    'raised because the same deviation came three times and ended by itself each time (reading 410, 12:00:00)',
  ],
  [{ kind: 'called-normal', by: 'warm-up' } as const, 'raised because the warm-up had such readings'],
  [{ kind: 'remembered' } as const, 'raised because an ordinary value was recently almost as unexpected'],
  [
    { kind: 'unusual-readings', readings: 12, isForNow: true } as const,
    'raised by 12 unusual readings, until as many ordinary readings have come',
  ],
  [
    { kind: 'unusual-readings', readings: 1, isForNow: true } as const,
    'raised by an unusual reading, until the next ordinary reading',
  ],
  [
    { kind: 'unusual-readings', readings: 300, isForNow: false } as const,
    'adapted to a lasting change: 300 more unusual readings than ordinary ones',
  ],
])('says in a sentence why a limit is another one: %j', (reason, text) => {
  expect(limitText(reason, noon + 3_600_000)).toBe(text);
});

it('says the date of another day', () => {
  expect(limitText({ ...person, ...once }, noon + 86_400_000)).toContain('2026-11-27 12:00:00');
});
