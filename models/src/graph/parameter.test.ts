import { describe, expect, it } from 'vitest';
import type { ParameterTable } from '../parameters/declaration.ts';
import { scalar, tensor } from '../tensor.ts';
import type { ParameterValue } from './graph.ts';
import { checkParameters, numbersOf } from './parameter.ts';

const table: ParameterTable = {
  tau: { doc: 'time constant', unit: 's', form: 'elements', above: 0 },
  gain: { doc: 'gain', form: 'elements', default: 1, minimum: 0 },
  weight: { doc: 'weights (out, in)', form: 'array', rank: 2, optional: true },
  padding: { doc: 'zeros around', form: 'integers', optional: true, words: ['same', 'valid'] },
  mode: { doc: 'mode', form: 'word', optional: true, words: ['a', 'b'] },
  groups: { doc: 'groups', form: 'integer', optional: true },
};

const check = (parameters: Record<string, ParameterValue>) =>
  checkParameters('n', { type: 'Kind', parameters: { tau: scalar(1), ...parameters } }, table);

describe('checkParameters', () => {
  it('takes what the table allows', () => {
    check({ gain: scalar(0), weight: tensor(Int8Array.of(1, 2), [1, 2]), padding: 'same', mode: 'a' });
    check({ padding: tensor(Float64Array.of(1, 2)), groups: tensor(Float64Array.of(2)) });
  });

  it.each<[parameters: Record<string, ParameterValue>, message: string]>([
    [
      { constructor: scalar(1) },
      'node "n" (Kind): has no parameter "constructor"; expected tau, gain, weight, padding, mode, groups',
    ],
    [{ tau: scalar(0) }, 'node "n" (Kind).tau: is 0; expected a number above 0'],
    [{ tau: tensor(Float64Array.of(1, -1)) }, 'node "n" (Kind).tau[1]: is -1; expected a number above 0'],
    [{ tau: scalar(Number.NaN) }, 'node "n" (Kind).tau: is NaN; expected a finite number'],
    [{ tau: tensor(new Float64Array(0)) }, 'node "n" (Kind).tau: has no values; expected at least one number'],
    [{ tau: 'long' }, 'node "n" (Kind).tau: is "long"; expected numbers'],
    [{ gain: scalar(-1) }, 'node "n" (Kind).gain: is -1; expected at least 0'],
    [{ weight: tensor(Float64Array.of(1)) }, 'node "n" (Kind).weight: has shape [1]; expected at least 2 dimensions'],
    [{ padding: scalar(0.5) }, 'node "n" (Kind).padding: is 0.5; expected a whole number'],
    [{ padding: 'some' }, 'node "n" (Kind).padding: is "some"; expected same or valid'],
    [{ groups: tensor(Float64Array.of(2, 3)) }, 'node "n" (Kind).groups: has 2 numbers; expected one'],
    [{ groups: scalar(0.5) }, 'node "n" (Kind).groups: is 0.5; expected a whole number'],
    [{ mode: scalar(1) }, 'node "n" (Kind).mode: is not a word; expected a or b'],
  ])('refuses %j', (parameters, message) => {
    expect(() => check(parameters)).toThrow(message);
  });

  it('misses what is required', () => {
    expect(() => checkParameters('n', { type: 'Kind', parameters: {} }, table)).toThrow(
      'node "n" (Kind).tau: is missing; expected time constant',
    );
  });
});

describe('numbersOf', () => {
  it('gives tensors and not words', () => {
    const tau = scalar(1);
    const node = { type: 'Kind', parameters: { tau, padding: 'same' } };
    expect(numbersOf(node, 'tau')).toBe(tau);
    expect(numbersOf(node, 'padding')).toBeUndefined();
    expect(numbersOf(node, 'gain')).toBeUndefined();
  });
});
