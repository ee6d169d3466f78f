import { describe, expect, it } from 'vitest';
import { Changes, extractFlags } from './said.ts';

const message = (monitors: object) => ({ spikewire: { monitors } });

describe('what monitors say', () => {
  it('is in the order of what says most, with the channel that the first names', () => {
    const monitors = {
      'next-reading': { alarm: true, reason: 'air out is 9 where 2 was expected', channels: ['air out'] },
      stuck: { alarm: false, reason: 'air has been 9 for 40 readings', channels: ['air'] },
    };
    expect(extractFlags(message(monitors))).toEqual({
      said: {
        kind: 'stuck',
        channel: 'air',
        reason: 'air has been 9 for 40 readings; air out is 9 where 2 was expected',
      },
      alarm: true,
      newLevel: false,
    });
    const { 'next-reading': first } = monitors;
    expect(extractFlags(message({ 'next-reading': first })).said!.channel).toBe('air out');
  });

  it('may be nothing, a silence of no channel, or a new level', () => {
    expect(extractFlags({})).toEqual({ said: undefined, alarm: false, newLevel: false });
    const silence = { silence: { alarm: true, reason: 'no reading for 9 s' } };
    expect(extractFlags(message(silence)).said).toEqual({ kind: 'silent', reason: 'no reading for 9 s' });
    expect(extractFlags(message({ drift: { note: 'new level' } })).newLevel).toBe(true);
  });
});

describe('changes', () => {
  const quiet = { said: undefined, alarm: false, newLevel: false };
  const flagged = (kind: string, alarm = true) => ({ said: { kind, reason: '' }, alarm, newLevel: false });

  it('say what is unusual once of each kind, and normal after five quiet readings in a row', () => {
    const changes = new Changes();
    const given = [
      ...[quiet, flagged('jump'), flagged('value'), quiet, flagged('pattern'), flagged('stuck', false)],
      ...[flagged('stuck'), flagged('stuck'), quiet, quiet, quiet, quiet, quiet, quiet, flagged('value')],
    ];
    const taken = given.map((spoken, k) => [k, changes.take('a', spoken)]).filter(([, change]) => change !== undefined);
    expect(taken).toEqual([
      [1, 'unusual'],
      [6, 'unusual'],
      [12, 'normal'],
      [14, 'unusual'],
    ]);
  });

  it('keep nets apart, and end with a new level', () => {
    const changes = new Changes();
    expect(changes.take('a', flagged('jump'))).toBe('unusual');
    expect(changes.take('b', flagged('jump'))).toBe('unusual');
    expect(changes.take('a', { ...flagged('jump'), newLevel: true })).toBe('new level');
    expect(changes.take('a', flagged('jump'))).toBe('unusual');
    expect(changes.take('b', flagged('jump'))).toBeUndefined();
  });
});
