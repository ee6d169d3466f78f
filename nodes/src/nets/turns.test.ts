import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Turns } from './turns.ts';

/** A task that ends when it is told to. */
function held() {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { task: () => ended, end };
}

describe('Turns', () => {
  it('runs the tasks of a key in their order and those of others beside them, whatever fails', async () => {
    const arbitrary = fc.array(
      fc.record({ key: fc.constantFrom('a', 'b', 'c'), fails: fc.boolean(), waits: fc.boolean() }),
    );
    await fc.assert(
      fc.asyncProperty(arbitrary, async (plan) => {
        const turns = new Turns(1000);
        const running = new Set<string>();
        const order: number[] = [];
        const results = plan.map(({ key, fails, waits }, index) =>
          turns.run(key, async () => {
            expect(running.has(key)).toBe(false);
            running.add(key);
            if (waits) await delay(0);
            running.delete(key);
            order.push(index);
            if (fails) throw new Error(`${index}`);
            return index;
          }),
        );
        const settled = await Promise.allSettled(results);
        expect(settled.map(({ status }) => status)).toEqual(
          plan.map(({ fails }) => (fails ? 'rejected' : 'fulfilled')),
        );
        for (const key of ['a', 'b', 'c']) {
          const own = order.filter((index) => plan[index]!.key === key);
          expect(own).toEqual(own.toSorted((a, b) => a - b));
        }
        expect(turns.pending).toBe(0);
      }),
      { numRuns: 50 },
    );
  });

  it('refuses more than may wait, counts them, and takes again what comes later', async () => {
    const turns = new Turns(2);
    const first = held();
    const taken = [turns.run('a', first.task), turns.run('b', async () => {})];
    await expect(turns.run('a', async () => {})).rejects.toThrow('message: came while 2 others waited');
    expect(turns.refused).toBe(1);
    first.end();
    await Promise.all(taken);
    expect(await turns.run('a', async () => 'later')).toBe('later');
  });

  it('closes when all that waited are done', async () => {
    const turns = new Turns(10);
    const first = held();
    const done: string[] = [];
    const tasks = [turns.run('a', first.task), turns.run('a', async () => void done.push('second'))];
    const closing = turns.close(60_000).then(() => done.push('closed'));
    await expect(turns.run('a', async () => {})).rejects.toThrow('came when the net was being closed');
    first.end();
    await Promise.all([...tasks, closing]);
    expect(done).toEqual(['second', 'closed']);
  });

  it('refuses what has not begun when closing takes too long', async () => {
    const turns = new Turns(10);
    const first = held();
    const taken = turns.run('a', first.task);
    const waiting = turns.run('a', async () => {});
    const refused = expect(waiting).rejects.toThrow('came when the net was being closed');
    const closing = turns.close(0);
    await delay(20);
    first.end();
    await Promise.all([taken, refused, closing]);
  });
});
