import { expect, it } from 'vitest';
import { conversionMethods } from '../conversion/methods/methods.ts';
import { ownOptions } from './convert.ts';
import { optionOf } from './method-options.ts';

it.each(conversionMethods)('$name has no parameter that is an option of the command itself', ({ parameters }) => {
  expect(Object.keys(parameters).filter((key) => Object.hasOwn(ownOptions, optionOf(key)))).toEqual([]);
});
