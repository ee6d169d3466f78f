import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cohortText, labelsText, readLabels } from './labels-text.ts';

describe('labels', () => {
  it('are read from words between commas or lines', () => {
    expect(readLabels('room=hall, floor = 2\nurl=a=b,,')).toEqual({ room: 'hall', floor: '2', url: 'a=b' });
    expect(readLabels('  ')).toEqual({});
  });

  it.each(['room', 'room=', '=hall', 'a=b, c'])('“%s” is refused, with the word that is not a label', (text) => {
    expect(() => readLabels(text)).toThrow(/is not a label; expected key=value/);
  });

  it('are what was shown', () => {
    const word = fc.stringMatching(/^[a-z0-9äß<>"' ]*[a-z0-9]$/).map((text) => text.trim());
    fc.assert(
      fc.property(fc.dictionary(word, word), (labels) => {
        expect(readLabels(labelsText(labels, ''))).toEqual({ ...labels });
      }),
    );
  });

  it('say for whom a rollout is', () => {
    expect(cohortText({})).toBe('all devices');
    expect(cohortText({ room: 'hall' })).toBe('devices with room=hall');
  });
});
