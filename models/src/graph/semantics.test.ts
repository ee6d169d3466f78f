import { describe, expect, it } from 'vitest';
import { defaultSemantics, mergeSemantics, parseSemantics } from './semantics.ts';

describe('parseSemantics', () => {
  it('takes every choice there is', () => {
    const all = { dt: 1e-4, integrate: 'exact', threshold: 'ge', reset: 'subtract', spikesPerStep: 'many' };
    expect(parseSemantics(all, 'semantics')).toEqual(all);
    expect(parseSemantics({}, 'semantics')).toEqual({});
  });

  it.each<[source: unknown, message: string]>([
    [null, 'semantics: is not an object; expected an object such as {"dt": 0.001}'],
    [[], 'semantics: is not an object'],
    [{ dt: 0 }, 'semantics.dt: is 0; expected a positive number of seconds'],
    [{ dt: '1' }, 'semantics.dt: is "1"; expected a positive number of seconds'],
    [{ dt: Number.POSITIVE_INFINITY }, 'semantics.dt: is null; expected a positive number of seconds'],
    [{ reset: 'hard' }, 'semantics.reset: is "hard"; expected value or subtract'],
    [{ threshold: ['gt'] }, 'semantics.threshold: is ["gt"]; expected gt or ge'],
    [
      { toString: 1 },
      'semantics.toString: is not a key of semantics; expected dt, integrate, threshold, reset, spikesPerStep',
    ],
  ])('refuses %j', (source, message) => {
    expect(() => parseSemantics(source, 'semantics')).toThrow(message);
  });
});

describe('mergeSemantics', () => {
  it('puts the node before the model', () => {
    expect(mergeSemantics(defaultSemantics, { reset: 'subtract' }, 'node')).toEqual({
      ...defaultSemantics,
      reset: 'subtract',
    });
    expect(mergeSemantics(defaultSemantics, undefined, 'node')).toEqual(defaultSemantics);
  });

  it('refuses another step and contradictions', () => {
    expect(() => mergeSemantics(defaultSemantics, { dt: 1 }, 'node "a"')).toThrow('node "a": dt is 1; expected 0.001');
    expect(() => mergeSemantics(defaultSemantics, { spikesPerStep: 'many' }, 'node "a"')).toThrow('reset "subtract"');
  });
});
