import { describe, expect, it } from 'vitest';
import { withCleanup } from './cleanup.ts';

describe('closing afterwards', () => {
  const closed: string[] = [];
  const closer = (name: string, failure?: Error) => async () => {
    closed.push(name);
    if (failure !== undefined) throw failure;
  };

  it.each([
    [undefined, undefined, 'result'],
    [undefined, new Error('cannot close'), 'cannot close'],
    [new Error('cannot work'), new Error('cannot close'), 'cannot work'],
  ])('closes all in the opposite order and tells what failed first (%s, %s)', async (work, close, outcome) => {
    closed.length = 0;
    const result = withCleanup(async (closers) => {
      closers.push(closer('first'), closer('second', close), closer('third'));
      if (work !== undefined) throw work;
      return 'result';
    });
    expect(await result.catch(({ message }) => message)).toBe(outcome);
    expect(closed).toEqual(['third', 'second', 'first']);
  });
});
