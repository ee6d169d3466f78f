import { expect, it } from 'vitest';
import { readFields } from '../field.ts';
import { learnNode } from './learn.ts';

it.each([
  ['label', 1],
  ['target', 1],
  ['error', 3],
  ['reward', 3],
])('a %s that is given three times counts %d times: only errors and rewards have a size', (gives, times) => {
  expect(readFields({ gives, times: '3' }, learnNode.fields)).toMatchObject({ gives, times });
});
