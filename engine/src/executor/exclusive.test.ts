import { describe, expect, it } from 'vitest';
import { Exclusive } from './exclusive.ts';

describe('exclusive', () => {
  it('runs tasks in order, one at a time, past failures', async () => {
    const exclusive = new Exclusive();
    const seen: string[] = [];
    const task = (name: string, turns: number) => async () => {
      seen.push(`${name} begins`);
      for (let k = 0; k < turns; k++) await Promise.resolve();
      seen.push(`${name} ends`);
      if (name === 'b') throw new Error('b fails');
      return name;
    };
    const results = await Promise.allSettled([
      exclusive.run(task('a', 9)),
      exclusive.run(task('b', 3)),
      exclusive.run(task('c', 0)),
    ]);
    expect(seen).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });
});
