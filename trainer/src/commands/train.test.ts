import { expect, it } from 'vitest';
import { methods } from '../methods/methods.ts';
import { optionOf } from './method-options.ts';
import { ownOptions } from './train.ts';

it.each(methods)('$name has no parameter that is an option of the command itself', ({ parameters }) => {
  expect(Object.keys(parameters).filter((key) => Object.hasOwn(ownOptions, optionOf(key)))).toEqual([]);
});
