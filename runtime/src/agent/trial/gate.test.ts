import { RandomGenerator } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import {
  begunAnew,
  DEFAULT_GATE,
  decide,
  type GateDecision,
  type GateState,
  NEW_GATE,
  notWorseEvidence,
  take,
  worseEvidence,
} from './gate.ts';

const RUNS = 1000;
/** Readings after which a trial is given up. */
const MOST_READINGS = 20_000;

describe('a trial of a new model', () => {
  it('counts a reading to which both answer the same for neither', () => {
    const state = take(take(NEW_GATE, { old: 'a', new: 'a' }), { old: 'a', new: 'a', label: 'b' });
    expect(state).toMatchObject({ agreed: 2, differed: 0, gained: 0, lost: 0, same: 2 });
  });

  it('counts no reading again to which both answer the same, when its label comes', () => {
    const paired = take(NEW_GATE, { old: 'a', new: 'a' });
    expect(take(paired, { old: 'a', new: 'a', label: 'b' }, true)).toEqual(paired);
  });

  it('counts who was right where they differ', () => {
    const pairs = [
      { old: 'a', new: 'b', label: 'a' },
      { old: 'a', new: 'b', label: 'b' },
      { old: 'a', new: 'b', label: 'c' },
    ];
    const state = pairs.reduce((each, pair) => take(each, pair), NEW_GATE);
    expect(state).toEqual({ ...NEW_GATE, agreed: 0, differed: 3, answered: 3, gained: 1, lost: 1, same: 1 });
  });

  it('takes a label that comes later, and counts as many that agreed as belong to the labels', () => {
    let state = NEW_GATE;
    for (let k = 0; k < 90; k++) state = take(state, { old: 'a', new: 'a' });
    for (let k = 0; k < 10; k++) state = take(state, { old: 'a', new: 'b' });
    expect(state.same).toBe(0);
    for (let k = 0; k < 5; k++) state = take(state, { old: 'a', new: 'b', label: 'b' }, true);
    expect(state).toEqual({ ...NEW_GATE, agreed: 90, differed: 10, answered: 5, gained: 5, lost: 0, same: 45 });
  });

  it('lets nothing pass without a label', () => {
    let state = NEW_GATE;
    for (let k = 0; k < 10_000; k++) state = take(state, { old: 'a', new: k % 10 === 0 ? 'b' : 'a' });
    expect(decide(state)).toBe('undecided');
  });
});

describe('a net that begins anew amid a trial', () => {
  const gains = { ...NEW_GATE, differed: 30, answered: 30, gained: 30 };
  const loses = { ...NEW_GATE, differed: 30, answered: 30, lost: 30 };

  it('keeps nothing that spoke for the one before, and all that spoke against it', () => {
    expect(decide(gains)).toBe('go');
    expect(notWorseEvidence(begunAnew(gains))).toBe(1);
    expect(notWorseEvidence(begunAnew(loses))).toBeCloseTo(notWorseEvidence(loses), 12);
    expect(worseEvidence(begunAnew(loses))).toBe(1);
  });

  it('goes live in at most 5 % of the trials where it is exactly 2 points worse, however often it begins anew', () => {
    const ends = Array.from({ length: RUNS }, (_, seed) => trial(seed, 0.02, 10));
    expect(ends.filter((each) => each === 'go').length / RUNS).toBeLessThanOrEqual(0.05);
  });
});

// Labels come for half of the readings on which the models differ, 8 % and the difference.
describe.each([
  ['worse by 5 points', 0.05, { mostGo: 0.01, leastAbort: 0.95 }],
  ['worse by 2 points', 0.02, { mostGo: 0.05, leastAbort: 0.5 }],
  ['worse by half a point', 0.005, { mostAbort: 0.01 }],
  ['as good', 0, { mostAbort: 0.01, leastGo: 0.95 }],
  ['better by 5 points', -0.05, { mostAbort: 0.01, leastGo: 0.99 }],
] as const)('a new model that is %s', (_, worse, limits: Limits) => {
  it(`is let through, or ended, as often as is said, of ${RUNS} trials`, () => {
    const ends = Array.from({ length: RUNS }, (_, seed) => trial(seed, worse));
    const share = (decision: GateDecision) => ends.filter((each) => each === decision).length / RUNS;
    expect(share('go')).toBeLessThanOrEqual(limits.mostGo ?? 1);
    expect(share('go')).toBeGreaterThanOrEqual(limits.leastGo ?? 0);
    expect(share('abort')).toBeLessThanOrEqual(limits.mostAbort ?? 1);
    expect(share('abort')).toBeGreaterThanOrEqual(limits.leastAbort ?? 0);
  });
});

interface Limits {
  readonly mostGo?: number;
  readonly leastGo?: number;
  readonly mostAbort?: number;
  readonly leastAbort?: number;
}

/** What becomes of a new model that looks after each label, and begins anew after so many. */
function trial(seed: number, worse: number, labelsUntilAnew = Number.POSITIVE_INFINITY): GateDecision {
  const random = new RandomGenerator(1000 + seed, 'trial');
  const [lost, gained] = [0.04 + Math.max(0, worse), 0.04 + Math.max(0, -worse)];
  let state: GateState = NEW_GATE;
  for (let readings = 0; readings < MOST_READINGS; ) {
    // Readings that agree before the next one that does not.
    const agreed = Math.floor(Math.log(1 - random.nextUniform()) / Math.log(1 - lost - gained));
    const truth = random.nextUniform() < lost / (lost + gained) ? 'old' : 'new';
    const label = random.nextUniform() < 0.5 ? { label: truth } : {};
    readings += agreed;
    if (state.answered >= labelsUntilAnew) state = begunAnew(state);
    state = take({ ...state, agreed: state.agreed + agreed }, { old: 'old', new: 'new', ...label });
    const decision = 'label' in label ? decide(state, DEFAULT_GATE) : 'undecided';
    if (decision !== 'undecided') return decision;
  }
  return 'undecided';
}
