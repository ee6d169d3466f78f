import { expect, it } from 'vitest';
import { Questions } from './questions.ts';

const DAY = 86_400_000;

it('asks at most so many times in a day as a controller allows now, or 20 times', () => {
  let perDay: number | undefined = 3;
  const questions = new Questions(() => perDay);
  const ask = (day: number) => {
    const before = questions.list.length;
    for (let k = 0; k < 30; k++) questions.pair({ net: '', time: day * DAY + k, answering: 'on', watched: 'off' });
    const asked = questions.list.length - before;
    questions.withdraw();
    return asked;
  };
  expect(ask(0)).toBe(3);
  expect(ask(1)).toBe(3);
  perDay = 5;
  expect(ask(1)).toBe(2);
  perDay = undefined;
  expect(ask(2)).toBe(20);
});
