import { describe, expect, it } from 'vitest';
import type { Carrying } from '../repository/offer.ts';
import { type CandidateFigures, rulesFor, Trial } from './trial.ts';

const FIGURES: CandidateFigures = {
  ...{ readings: 1000, leftOut: 0, refused: 0, problem: null, microseconds: 1, bytes: 1 },
};

/** A way that answers as the old model does, but for some readings that it alone gets right. */
function passes(trial: Trial, carrying: Carrying, gained = 20): void {
  for (let k = 0; k < 2000; k++) trial.pair(carrying, { old: 'a', new: 'a' });
  for (let k = 0; k < gained; k++) trial.pair(carrying, { old: 'a', new: 'b', label: 'b' });
}

describe('a trial of several ways', () => {
  it('shares the chance of a wrong installation among them', () => {
    const ways = ['carry', 'rebase', 'reset'] as const;
    const chances = ways.map((way) => 1 / rulesFor(way, ways).goEvidence);
    expect(chances.reduce((sum, chance) => sum + chance, 0)).toBeCloseTo(1 / 20, 12);
    expect(rulesFor('reset', ['reset']).goEvidence).toBe(20);
  });

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

  it('ends for this machine’s sake where one way may do well on another day, else for the model’s', () => {
    const trial = new Trial(['carry', 'reset']);
    trial.end('carry', 'is wrong');
    trial.end('reset', 'was too slow', 'machine');
    expect(trial.decide(new Map())).toMatchObject({ kind: 'abort', cause: 'machine' });
    const wrong = new Trial(['carry']);
    wrong.end('carry', 'is wrong');
    expect(wrong.decide(new Map())).toMatchObject({ kind: 'abort', cause: 'model' });
    expect(new Trial([]).decide(new Map())).toMatchObject({ kind: 'abort', cause: 'base' });
  });

  it('that run one at a time take turns, but what may go runs', () => {
    const trial = new Trial(['carry', 'rebase', 'reset']);
    const order = [];
    for (let turn = 0; turn < 5; turn++) {
      const [way] = trial.ways(1);
      order.push(way);
      trial.begin([way!]);
      for (let k = 0; k < 2000; k++) trial.pair(way!, { old: 'a', new: 'b' });
    }
    expect(order).toEqual(['carry', 'rebase', 'reset', 'carry', 'rebase']);
    expect(trial.ways(2)).toEqual(['reset', 'carry']);
    expect(trial.ways(3)).toEqual(['reset', 'carry', 'rebase']);
    for (let k = 0; k < 50; k++) trial.judge('rebase', { old: 'a', new: 'b', label: 'b' });
    expect(trial.ways(1)).toEqual(['rebase']);
  });

  it('lets no way go that is not watched, and ends none for its readings', () => {
    const trial = new Trial(['carry', 'reset']);
    trial.begin(['carry', 'reset']);
    trial.wait(['reset']);
    passes(trial, 'carry');
    const carry = new Map([['carry', FIGURES] as const]);
    expect(trial.decide(carry)).toEqual({ kind: 'undecided' });
    trial.begin(['reset']);
    for (let k = 0; k < 2000; k++) trial.pair('reset', { old: 'a', new: 'a' });
    expect(trial.decide(new Map([['reset', FIGURES] as const]))).toEqual({ kind: 'undecided' });
    trial.begin(['carry']);
    expect(trial.decide(carry)).toEqual({ kind: 'go', carrying: 'carry' });
  });

  it('counts a reading once to which both gave the same answer, and whose label comes later', () => {
    const trial = new Trial(['carry']);
    trial.pair('carry', { old: 'a', new: 'a' });
    trial.judge('carry', { old: 'a', new: 'a', label: 'b' });
    expect(trial.state.gates.carry).toMatchObject({ agreed: 1, same: 1 });
  });
});
