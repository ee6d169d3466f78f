import { describe, expect, it } from 'vitest';
import { type CandidateFigures, Trial } from './trial.ts';

const FIGURES: CandidateFigures = {
  ...{ readings: 1000, leftOut: 0, refused: 0, problem: null, microseconds: 1, bytes: 1 },
};

describe('a trial of several ways', () => {
  it('installs a way that has passed, not one that gains more by fewer labels', () => {
    const trial = new Trial(['carry', 'rebase']);
    for (let k = 0; k < 2000; k++) trial.pair('carry', { old: 'a', new: 'a' });
    for (let k = 0; k < 20; k++) trial.pair('carry', { old: 'a', new: 'b', label: 'b' });
    trial.pair('rebase', { old: 'a', new: 'b', label: 'b' });
    expect(trial.best).toBe('rebase');
    const figures = new Map([['carry', FIGURES] as const, ['rebase', { ...FIGURES, readings: 1 }] as const]);
    expect(trial.decide(figures)).toEqual({ kind: 'go', carrying: 'carry' });
  });

  it('counts a reading once to which both gave the same answer, and whose label comes later', () => {
    const trial = new Trial(['carry']);
    trial.pair('carry', { old: 'a', new: 'a' });
    trial.judge('carry', { old: 'a', new: 'a', label: 'b' });
    expect(trial.gates.carry).toMatchObject({ agreed: 1, same: 1 });
  });
});
