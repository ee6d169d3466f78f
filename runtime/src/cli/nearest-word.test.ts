import fc from 'fast-check';
import { expect, it } from 'vitest';
import { nearestWord } from './nearest-word.ts';

const options = ['dashboard', 'dashboard-token', 'store', 'store-budget', 'learn', 'in', 'out', 'qos'];

it.each([
  ['dashbord', 'dashboard'],
  ['dashbaord', 'dashboard'],
  ['dashboards', 'dashboard'],
  ['stroe', 'store'],
  ['lern', 'learn'],
  ['qso', 'qos'],
  ['inn', 'in'],
  ['storebudget', 'store-budget'],
  ['speed', undefined],
  ['x', undefined],
  ['', undefined],
])('takes "%s" for %s', (typed, meant) => {
  expect(nearestWord(typed, options)).toBe(meant);
});

it('finds a word with one letter wrong, missing, doubled or swapped', () => {
  const word = fc.constantFrom('dashboard', 'store-budget', 'home-assistant', 'learn');
  fc.assert(
    fc.property(word, fc.nat(), fc.nat(3), (meant, place, way) => {
      const k = place % (meant.length - 1);
      const [head, letter, rest] = [meant.slice(0, k), meant[k]!, meant.slice(k + 1)];
      const typed = [`${head}${rest}`, `${head}#${rest}`, `${head}${letter}${letter}${rest}`][way];
      const swapped = `${head}${rest[0]}${letter}${rest.slice(1)}`;
      expect(nearestWord(typed ?? swapped, ['dashboard', 'store-budget', 'home-assistant', 'learn'])).toBe(meant);
    }),
  );
});
