import { describe, expect, it } from 'vitest';
import type { Carrying } from '../repository/offer.ts';
import { type CandidateFigures, Trial } from './trial.ts';

const FIGURES: CandidateFigures = {
  ...{ readings: 1000, leftOut: 0, refused: 0, problem: null, microseconds: 1, bytes: 1 },
};

/** A way that answers as the old model does, but for some readings that it alone gets right. */
function passes(trial: Trial, carrying: Carrying, gained = 20): void {
  for (let k = 0; k < 2000; k++) trial.pair(carrying, { old: 'a', new: 'a' });
  for (let k = 0; k < gained; k++) trial.pair(carrying, { old: 'a', new: 'b', label: 'b' });
}

describe('a trial of several ways', () => {
  it('never installs the way that looks best before that one has passed', () => {
    const trial = new Trial(['carry', 'rebase']);
    passes(trial, 'carry');
    trial.pair('rebase', { old: 'a', new: 'b', label: 'b' });
    expect(trial.best).toBe('rebase');
    const figures = new Map([['carry', FIGURES] as const, ['rebase', FIGURES] as const]);
    expect(trial.decide(figures)).toEqual({ kind: 'undecided' });
    trial.end('rebase', 'ended');
    expect(trial.decide(figures)).toEqual({ kind: 'go', carrying: 'carry' });
  });

  it('waits for a way that is still being taught, and prefers to keep what was learned where both are as good', () => {
    const trial = new Trial(['carry', 'reset']);
    passes(trial, 'reset');
    const starting = new Map([['carry', { ...FIGURES, readings: 10 }] as const, ['reset', FIGURES] as const]);
    expect(trial.decide(starting)).toEqual({ kind: 'undecided' });
    passes(trial, 'carry', 15);
    const figures = new Map([['carry', FIGURES] as const, ['reset', FIGURES] as const]);
    expect(trial.decide(figures)).toEqual({ kind: 'go', carrying: 'carry' });
  });

  it('counts a reading once to which both gave the same answer, and whose label comes later', () => {
    const trial = new Trial(['carry']);
    trial.pair('carry', { old: 'a', new: 'a' });
    trial.judge('carry', { old: 'a', new: 'a', label: 'b' });
    expect(trial.gates.carry).toMatchObject({ agreed: 1, same: 1 });
  });
});
