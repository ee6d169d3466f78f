import { expect, it } from 'vitest';
import { surenessText } from './sureness-text.ts';

it.each([
  [{ confidence: null }, 'teach it: press what it is now'],
  [{ confidence: 0.623 }, '62.3 % sure'],
  [{ confidence: 0.623, likeliest: 'worn' }, 'unlike everything that it was taught; most similar: “worn” (62.3 %)'],
])('%j is said as %s', (taught, text) => {
  expect(surenessText(taught)).toBe(text);
});
