import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linkTo, readPlace } from './place.ts';

describe('a place of the page', () => {
  it('is the overview where the address names nothing', () => {
    for (const fragment of ['', '#', '#/']) {
      const { view, id, query } = readPlace(fragment);
      expect([view, id, String(query)]).toEqual(['', null, '']);
    }
  });

  it('is read from the fragment of an address', () => {
    const { view, id, query } = readPlace('#/rollouts/r%201?state=failed&by=a%3Fb');
    expect([view, id, query.get('state'), query.get('by')]).toEqual(['rollouts', 'r 1', 'failed', 'a?b']);
  });

  it('leaves out what is empty', () => {
    expect(linkTo('devices', null, { search: '', label: null, health: 'silent' })).toBe('#/devices?health=silent');
    expect(linkTo('devices', '')).toBe('#/devices');
  });

  it('comes back from each link, whatever is in it', () => {
    const word = fc.string({ unit: 'grapheme', minLength: 1 });
    fc.assert(
      fc.property(word, word, word, (name, id, value) => {
        const { view, id: read, query } = readPlace(linkTo(name, id, { label: value }));
        expect([view, read, query.get('label')]).toEqual([name, id, value]);
      }),
    );
  });

  it('is read from every fragment that somebody can type', () => {
    const unit = fc.constantFrom(...'%#/?&=+a9é\0');
    fc.assert(fc.property(fc.string({ unit }), (text) => void readPlace(`#/${text}`)));
    expect(readPlace('#/devices/%zz').id).toBe('%zz');
  });
});
