import { expect, it } from 'vitest';
import { readOrders } from './orders.ts';

const TRY = { kind: 'try', sha256: 'a'.repeat(64), carrying: 'carry' } as const;
const answer = (order: object) => JSON.stringify({ machines: { pump: order }, every: 60 });

it('reads how many labels a trial may ask for in a day, where that is said', () => {
  expect(readOrders(answer(TRY)).machines.pump).toEqual(TRY);
  expect(readOrders(answer({ ...TRY, questionsPerDay: 5 })).machines.pump).toEqual({ ...TRY, questionsPerDay: 5 });
});

it.each([0, 101, 1.5, '5'])('refuses %j labels in a day', (questionsPerDay) => {
  expect(() => readOrders(answer({ ...TRY, questionsPerDay }))).toThrow(
    'controller, pump, questionsPerDay: is out of range; expected 1 to 100',
  );
});
