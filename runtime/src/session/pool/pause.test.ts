import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Pause } from './pause.ts';

it('does at once what comes where there is none', async () => {
  let isDone = false;
  const doing = new Pause().through(async () => {
    isDone = true;
    return 7;
  });
  expect(isDone).toBe(true);
  expect(await doing).toBe(7);
});

it('lets those who came go on in the order in which they came, and whoever comes later after them', async () => {
  // Each comes after so many turns of the queue of promises, before, during or after the end of the pause.
  const turns = fc.array(fc.nat(12), { minLength: 1, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(turns, fc.nat(12), async (comings, length) => {
      const pause = new Pause();
      const [came, wentOn, wentOnWithin]: [number[], number[], number[]] = [[], [], []];
      let isPaused = false;
      const come = async (who: number, after: number) => {
        for (let k = 0; k < after; k++) await undefined;
        came.push(who);
        await pause.through(async () => {
          expect(isPaused).toBe(false);
          wentOn.push(who);
          // What it asks in the same turn is not made to wait again.
          await pause.through(async () => void wentOnWithin.push(who));
        });
      };
      const all = comings.map((after, who) => come(who, after));
      const pausing = pause.during(async () => {
        isPaused = true;
        for (let k = 0; k < length; k++) await undefined;
        isPaused = false;
      });
      await Promise.all([...all, pausing]);
      expect(wentOn).toEqual(came);
      expect(wentOnWithin).toEqual(came);
    }),
  );
});

it('ends as its task does', async () => {
  const pause = new Pause();
  const ending = pause.during(() => Promise.reject(new Error('no')));
  const waiting = pause.through(async () => 'went on');
  await expect(ending).rejects.toThrow('no');
  expect(await waiting).toBe('went on');
  await expect(pause.through(() => Promise.reject(new Error('neither')))).rejects.toThrow('neither');
});
