import { RandomGenerator } from '@spikewire/models';
import { DEFAULT_GATE } from 'spikewire/agent';
import { describe, expect, it } from 'vitest';
import type { DeviceCounts } from './evidence.ts';
import { checkPlan, DEFAULT_PLAN, type Plan } from './plan.ts';
import { advance, approve, machinesOfWave, orderFor, type Progress, type Reported } from './progress.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const BEGUN: Progress = { phase: 'shadow', waves: 0, since: 0 };
const NOTHING: Reported = {
  ...{ counts: [], machines: 1000, asked: 0, reached: 0, failed: 0, silent: 0, unoffered: 0, tried: 0, failures: 0 },
};
/** Of so many machines, on each of which the base is as good. */
const equal = (machines: number): DeviceCounts[] =>
  Array.from({ length: machines }, () => ({ compared: 2000, differed: 200, labelled: 20, gained: 8, lost: 8 }));

describe('a rollout', () => {
  it('begins its waves when enough machines show that the base is not worse', () => {
    const few = advance(DEFAULT_PLAN, BEGUN, { ...NOTHING, counts: equal(49) }, DAY);
    expect(few).toBe(BEGUN);
    const enough = advance(DEFAULT_PLAN, BEGUN, { ...NOTHING, counts: equal(50) }, DAY);
    expect(enough).toEqual({ phase: 'waves', waves: 1, since: DAY });
  });

  it('begins its waves in the hours of its plan', () => {
    const hours = { from: '22:00', to: '05:00', zone: 'UTC' } as const;
    const plan = { ...DEFAULT_PLAN, hours };
    const noon = { ...BEGUN, since: DAY / 2 };
    const waves = advance(plan, noon, { ...NOTHING, counts: equal(50) }, DAY / 2);
    expect(waves).toEqual({ phase: 'waves', waves: 1, since: 22 * HOUR });
    const reached = { ...NOTHING, asked: 100, reached: 100 };
    expect(advance(plan, waves, reached, 46 * HOUR - 1)).toBe(waves);
    expect(advance(plan, waves, reached, 46 * HOUR)).toMatchObject({ waves: 2, since: 46 * HOUR });
    expect(approve(plan, { ...waves, phase: 'held' }, 60 * HOUR)).toMatchObject({ waves: 2, since: 70 * HOUR });
    expect(approve(plan, { ...waves, phase: 'held', waves: 3 }, 60 * HOUR)).toMatchObject({
      phase: 'done',
      since: 60 * HOUR,
    });
  });

  it('waits for a person where the plan says so, and where the trial stays undecided', () => {
    const plan = { ...DEFAULT_PLAN, approval: true };
    const held = advance(plan, BEGUN, { ...NOTHING, counts: equal(50) }, DAY);
    expect(held).toMatchObject({ phase: 'held', reason: expect.stringContaining('approval') });
    expect(advance(plan, held, { ...NOTHING, counts: equal(50) }, 20 * DAY)).toBe(held);
    expect(approve(plan, held, 2 * DAY)).toEqual({ phase: 'waves', waves: 1, since: 2 * DAY });
    expect(advance(DEFAULT_PLAN, BEGUN, NOTHING, 14 * DAY - 1)).toBe(BEGUN);
    expect(advance(DEFAULT_PLAN, BEGUN, NOTHING, 14 * DAY)).toMatchObject({ phase: 'held' });
  });

  it('is held where the fleet is too small, or too many are silent, to decide by labels', () => {
    const small = { ...NOTHING, counts: equal(20), machines: 20, asked: 20, reached: 20 };
    expect(advance(DEFAULT_PLAN, BEGUN, small, DAY)).toMatchObject({
      phase: 'held',
      reason: /20 machines are too few/,
    });
    const silent = { ...NOTHING, counts: equal(50), asked: 200, reached: 50, silent: 150 };
    const reason = '150 of 200 machines do not report';
    expect(advance(DEFAULT_PLAN, BEGUN, silent, DAY)).toMatchObject({ phase: 'held', reason });
  });

  it('says after its days where labels are good, but come from too few devices', () => {
    const few = { ...NOTHING, counts: equal(49) };
    const reason = 'it is not worse by its labels, but only 49 devices gave labels: fewer than 50 say too little';
    expect(advance(DEFAULT_PLAN, BEGUN, few, 14 * DAY)).toMatchObject({ phase: 'held', reason });
  });

  it('goes from wave to wave when each has answered for its hours, and ends', () => {
    const reached = { ...NOTHING, counts: equal(200), asked: 100, reached: 97, failed: 1, silent: 2 };
    let progress: Progress = { phase: 'waves', waves: 1, since: 0 };
    expect(advance(DEFAULT_PLAN, progress, reached, 24 * HOUR - 1)).toBe(progress);
    expect(advance(DEFAULT_PLAN, progress, { ...reached, reached: 96 }, 24 * HOUR)).toBe(progress);
    const passed: string[] = [];
    for (let day = 1; day <= 4; day++) {
      progress = advance(DEFAULT_PLAN, progress, reached, day * DAY);
      passed.push(`${progress.phase} ${progress.waves}`);
    }
    expect(passed).toEqual(['waves 2', 'waves 3', 'done 3', 'done 3']);
  });

  it('does not wait for ever for a machine that reports and installs nothing', () => {
    const progress: Progress = { phase: 'waves', waves: 2, since: 0 };
    const stuck = { ...NOTHING, asked: 100, reached: 99 };
    expect(advance(DEFAULT_PLAN, progress, stuck, 8 * DAY - 1)).toBe(progress);
    const held = advance(DEFAULT_PLAN, progress, stuck, 8 * DAY);
    expect(held).toMatchObject({ phase: 'held', reason: '1 of 100 machines report, and have not installed it' });
  });

  it('is held where the base is no longer offered to too many of the machines', () => {
    const next = { ...NOTHING, asked: 60, unoffered: 140 };
    const reason = 'the repository of 140 of 200 machines does not offer this base: publish it again, or abort';
    expect(advance(DEFAULT_PLAN, BEGUN, next, DAY - 1)).toBe(BEGUN);
    expect(advance(DEFAULT_PLAN, BEGUN, next, DAY)).toMatchObject({ phase: 'held', waves: 0, reason });
    const wave: Progress = { phase: 'waves', waves: 1, since: 0 };
    expect(advance(DEFAULT_PLAN, wave, { ...next, reached: 60 }, DAY)).toMatchObject({ phase: 'held', reason });
    const few = { ...NOTHING, asked: 180, reached: 180, unoffered: 20 };
    expect(advance(DEFAULT_PLAN, wave, few, DAY)).toMatchObject({ phase: 'waves', waves: 2 });
  });

  it('stops in any phase that has not ended where the base is worse, or fails on too many that tried it', () => {
    const worse = { ...NOTHING, counts: equal(60).map((each) => ({ ...each, gained: 2, lost: 14 })) };
    const failing = { ...NOTHING, tried: 100, failures: 3 };
    for (const phase of ['shadow', 'held', 'waves'] as const) {
      const progress = { phase, waves: 1, since: 0 };
      expect(advance(DEFAULT_PLAN, progress, worse, 5)).toMatchObject({ phase: 'stopped', since: 5 });
      expect(advance(DEFAULT_PLAN, progress, failing, 5)).toMatchObject({ reason: 'it failed on 3 of 100 machines' });
      expect(advance(DEFAULT_PLAN, progress, { ...failing, tried: 150 }, 5)).toBe(progress);
    }
    const done: Progress = { phase: 'done', waves: 3, since: 0 };
    expect(advance(DEFAULT_PLAN, done, worse, 5)).toBe(done);
  });

  it('does not stop when a wave begins, for failures that the trial was allowed', () => {
    const progress: Progress = { phase: 'waves', waves: 1, since: 0 };
    const begun = { ...NOTHING, asked: 13, reached: 0, failed: 3, tried: 200, failures: 4 };
    expect(advance(DEFAULT_PLAN, progress, begun, 1)).toBe(progress);
    expect(advance(DEFAULT_PLAN, progress, { ...begun, failures: 5 }, 1)).toMatchObject({ phase: 'stopped' });
  });

  it('is held where a wave does not report, and goes on with the next when a person says so', () => {
    const progress: Progress = { phase: 'waves', waves: 1, since: 0 };
    const silent = { ...NOTHING, asked: 100, reached: 79, silent: 21 };
    const held = advance(DEFAULT_PLAN, progress, silent, DAY);
    expect(held).toMatchObject({ phase: 'held', waves: 1, reason: '21 of 100 machines do not report' });
    expect(approve(DEFAULT_PLAN, held, 2 * DAY)).toEqual({ phase: 'waves', waves: 2, since: 2 * DAY });
    expect(approve(DEFAULT_PLAN, { ...held, waves: 3 }, 2 * DAY)).toMatchObject({ phase: 'done' });
  });
});

describe('orders', () => {
  const ordered = (progress: Pick<Progress, 'phase' | 'waves'>, machines = 1000) => {
    const places = Array.from({ length: machines }, (_, place) => place);
    const { waves } = progress;
    const reached = waves === 0 ? 0 : machinesOfWave(DEFAULT_PLAN, waves, machines);
    const orders = places.map((place) => orderFor(DEFAULT_PLAN, progress, place, reached));
    const count = (order: string) => orders.filter((each) => each === order).length;
    return { none: count('none'), shadow: count('shadow'), install: count('install'), back: count('back') };
  };

  it.each([
    [
      { phase: 'shadow', waves: 0 },
      { none: 800, shadow: 200, install: 0, back: 0 },
    ],
    [
      { phase: 'held', waves: 0 },
      { none: 800, shadow: 200, install: 0, back: 0 },
    ],
    [
      { phase: 'waves', waves: 1 },
      { none: 800, shadow: 150, install: 50, back: 0 },
    ],
    [
      { phase: 'held', waves: 1 },
      { none: 800, shadow: 150, install: 50, back: 0 },
    ],
    [
      { phase: 'waves', waves: 2 },
      { none: 750, shadow: 0, install: 250, back: 0 },
    ],
    [
      { phase: 'done', waves: 3 },
      { none: 0, shadow: 0, install: 1000, back: 0 },
    ],
    [
      { phase: 'stopped', waves: 2 },
      { none: 0, shadow: 0, install: 0, back: 1000 },
    ],
  ] as const)('in %j are %j', (progress, expected) => {
    expect(ordered(progress)).toEqual(expected);
  });

  it('give all machines of a small fleet the trial, and each wave one machine more at least', () => {
    expect(ordered({ phase: 'shadow', waves: 0 }, 3)).toMatchObject({ shadow: 3 });
    const installed = [1, 2, 3].map((waves) => ordered({ phase: 'waves', waves }, 3).install);
    expect(installed).toEqual([1, 2, 3]);
  });
});

it.each([
  [{ shadow: 49 }, 'plan, shadow: is 49; expected a whole number of machines from 50 to 1000000'],
  [{ questionsPerDay: 101 }, 'plan, questionsPerDay: is 101; expected a whole number from 1 to 100'],
  [{ questionsPerDay: 0 }, 'plan, questionsPerDay: is 0; expected a whole number from 1 to 100'],
  [
    { approval: { by: 'look' as 'release', people: 2 } },
    'plan, approval.by: is "look"; expected release or administer',
  ],
  [{ approval: { by: 'release', people: 0 } } as const, 'plan, approval.people: is 0; expected a whole number from 1'],
  [{ hours: { from: '22:00', to: '05:00', zone: 'Berlin' } }, 'plan, hours.zone: is "Berlin"; expected an IANA name'],
  [{ waves: [0.5, 0.5, 1] }, 'plan, waves: is [0.5,0.5,1]; expected shares above 0 that rise to 1'],
  [{ waves: [] }, 'plan, waves: is []; expected shares above 0 that rise to 1'],
  [{ shadowDays: Number.NaN }, 'plan, shadowDays: is NaN; expected a number above 0'],
  [{ carrying: 'all' as 'carry' }, 'plan, carrying: is "all"; expected carry or rebase or reset'],
  [{ gates: { ...DEFAULT_GATE, abortMargin: 0.5 } }, 'plan, gates.abortMargin: is 0.5; expected less than goMargin'],
  [{ gates: { ...DEFAULT_GATE, goMargin: 2 } }, 'plan, gates.goMargin: is 2; expected a share of at most 0.2'],
  [{ gates: { ...DEFAULT_GATE, goEvidence: 0 } }, 'plan, gates.goEvidence: is 0; expected an e-value above 1'],
  [{ mostFailed: 1.1 }, 'plan, mostFailed: is 1.1; expected a share from 0 to 1'],
])('a plan with %j is refused', (change, message) => {
  expect(() => checkPlan({ ...DEFAULT_PLAN, ...change })).toThrow(message);
});

interface Effect {
  /** How much worse the new base is, as a share of answers, in mean… */
  readonly worse: number;
  /** …with this deviation between machines. */
  readonly spread?: number;
  /** Share of the machines on which it is worse by 40 points. */
  readonly ruined?: number;
}

/** The day of the end of a trial with 5 labels a day and machine, asked where both bases differ. */
function trial(seed: number, { worse, spread = 0.02, ruined = 0 }: Effect, plan: Plan = DEFAULT_PLAN): Progress {
  const random = new RandomGenerator(seed, 'rollout');
  const machines = Array.from({ length: plan.shadow }, () => {
    const effect = (random.nextUniform() < ruined ? 0.4 : worse) + spread * random.nextNormal();
    const [lost, gained] = [0.04 + Math.max(0, effect), 0.04 + Math.max(0, -effect)];
    return { lost, gained, counts: { compared: 0, differed: 0, labelled: 0, gained: 0, lost: 0 } };
  });
  let progress = BEGUN;
  for (let day = 1; progress.phase === 'shadow'; day++) {
    for (const { lost, gained, counts } of machines) {
      const differing = lost + gained + 0.02;
      counts.compared += 500;
      counts.differed += Math.round(500 * differing);
      for (let label = 0; label < 5; label++) {
        const draw = differing * random.nextUniform();
        counts.labelled++;
        if (draw < lost) counts.lost++;
        else if (draw < lost + gained) counts.gained++;
      }
    }
    progress = advance(plan, progress, { ...NOTHING, counts: machines.map(({ counts }) => counts) }, day * DAY);
  }
  return progress;
}

describe('trials of 200 machines, 5 labels a day and machine', () => {
  const ends = (effect: Effect) =>
    Array.from({ length: 100 }, (_, k) => trial(1000 + k, effect)).map(({ phase, since }) => ({
      phase,
      days: since / DAY,
    }));
  const stopped = (effect: Effect) => ends(effect).filter(({ phase }) => phase === 'stopped').length;

  it('stop a base that is 5 points worse within two days, and none that is as good', () => {
    expect(ends({ worse: 0.05 }).every(({ phase, days }) => phase === 'stopped' && days <= 2)).toBe(true);
    const good = ends({ worse: 0 });
    expect(good.filter(({ phase }) => phase === 'stopped').length).toBeLessThanOrEqual(1);
    expect(good.filter(({ phase }) => phase === 'waves').length).toBeGreaterThanOrEqual(95);
  });

  it('stop no good base whose effect differs much between machines', () => {
    expect(stopped({ worse: 0, spread: 0.05 })).toBeLessThanOrEqual(1);
  });

  it('stop 85 of 100 bases that are 2 points worse, and those that are ruined on a tenth of the machines', () => {
    expect(stopped({ worse: 0.02 })).toBeGreaterThanOrEqual(85);
    expect(stopped({ worse: 0, ruined: 0.1 })).toBeGreaterThanOrEqual(95);
  });
});
