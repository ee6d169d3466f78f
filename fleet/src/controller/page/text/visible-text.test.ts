import { printableText } from '@spikewire/models';
import { expect, it } from 'vitest';
import { visibleText } from './visible-text.ts';

it('shows characters that cannot be seen, or that turn the direction of writing, as a terminal shows them', () => {
  expect(visibleText('pump \u202efdp.exe\u2066')).toBe('pump \\u202efdp.exe\\u2066');
  // No text of a controller has halves of characters.
  const points = Array.from({ length: 0xe1000 }, (_, point) => point).filter(
    (point) => point < 0xd800 || point > 0xdfff,
  );
  const characters = points.map((point) => String.fromCodePoint(point));
  expect(characters.filter((character) => visibleText(character) !== printableText(character))).toEqual([]);
});
