import { createHash } from 'node:crypto';
import { DEFAULT_PLAN, type RolloutMachineRow, type RolloutRow } from '@spikewire/fleet/controller';
import type { MachineOrder, MachineReport } from 'spikewire/agent';
import { describe, expect, it } from 'vitest';
import {
  type Action,
  type Happening,
  type NotedRow,
  type Operation,
  type ReportedRow,
  type RunHistory,
  versionOf,
} from './history.ts';
import { judge } from './judge.ts';

const [OLD, NEW] = ['a', 'b'].map((digit) => digit.repeat(64)) as [string, string];
const [ROLLOUT, DEVICE, PUMP] = ['r', 'd', 'pump'];
const NOTHING = { compared: 0, differed: 0, labelled: 0, gained: 0, lost: 0 };
const CARRY = { sha256: NEW, carrying: 'carry' } as const;
const TRY: MachineOrder = { kind: 'try', ...CARRY };
const INSTALL: MachineOrder = { kind: 'install', ...CARRY, watch: true };

function rollout(change: Partial<RolloutRow> = {}): RolloutRow {
  return {
    ...{ id: ROLLOUT, name: 'pump', model: PUMP, channel: 'stable', sha256: NEW, labels: '{}' },
    ...{ plan: JSON.stringify({ ...DEFAULT_PLAN, waves: [1] }), machines: 1, installed: 0, phase: 'shadow', waves: 0 },
    ...{
      waveTimes: '[]',
      wavePlaces: '[]',
      approvals: '[]',
      since: 0,
      reason: null,
      paused: 0,
      begun: 0,
      begunBy: 'ann',
      ended: null,
    },
    ...change,
  };
}

function machine(change: Partial<RolloutMachineRow> = {}): RolloutMachineRow {
  return {
    ...{ rollout: ROLLOUT, device: DEVICE, machine: PUMP, place: 0, standing: 'open', state: 'waiting', exposed: 0 },
    ...{ reported: 0, told: 0, ...NOTHING, trial: null },
    ...change,
  };
}

/** Builds a history that breaks no rule, unless it is told to. */
class Story {
  readonly moments: Happening[] = [];
  noted: NotedRow[] = [];
  rollouts = [rollout()];
  machines = [machine()];
  base = OLD;
  reason: string | undefined;
  counter = 0;
  #requests = 0;
  #transactions = 0;
  #acts = 0;

  constructor() {
    this.moments.push({ kind: 'published', sha256: NEW });
    this.transact({ kind: 'join', device: DEVICE });
    this.note(DEVICE, 'join', DEVICE);
    this.answers(OLD);
  }

  /** With the rows as they are then. */
  transact(operation: Operation, reported: readonly ReportedRow[] = []): void {
    const transaction = ++this.#transactions;
    const rows = { rollouts: [], machines: [], ...(operation.kind !== 'join' && this.#rows()), leases: [], reported };
    this.moments.push({ kind: 'begun', transaction, operation });
    this.moments.push({ kind: 'committed', transaction, controller: 'one', operation, rows });
  }

  #rows() {
    return { rollouts: this.rollouts, machines: this.machines };
  }

  act(action: Action, change: Partial<RolloutRow> = {}, notes = 1): void {
    this.rollouts = [rollout({ ...this.rollouts[0], ...change })];
    const act = ++this.#acts;
    this.transact({ kind: 'act', act, action, person: 'ann' });
    this.moments.push({ kind: 'done', act, action, problem: undefined });
    for (let k = 0; k < notes; k++) this.note('ann', action, ROLLOUT);
  }

  look(change: Partial<RolloutRow>, epoch = 1): void {
    this.rollouts = [rollout({ ...this.rollouts[0], ...change })];
    this.transact({ kind: 'look', rollout: ROLLOUT, epoch, hasLooked: true });
    if (change.phase !== undefined) this.note('controller', 'advance', ROLLOUT, this.rollouts[0]);
  }

  /** A report that is accepted, and answered by this order. */
  report(order: MachineOrder, machineReport: Partial<MachineReport> = {}, counter = ++this.counter): void {
    const request = ++this.#requests;
    const base = { sha256: this.base, name: PUMP, carrying: null, since: '' };
    const machines = [{ machine: PUMP, base, candidate: null, trial: null, ...machineReport } as MachineReport];
    const report = { format: 1, version: versionOf(request), platform: '', memory: 1, machines } as const;
    this.moments.push({ kind: 'sent', request, device: DEVICE, counter, etag: undefined, report });
    this.answer(request, order, counter);
  }

  answer(request: number, order: MachineOrder, counter: number): void {
    this.transact({ kind: 'report' }, [{ id: DEVICE, counter, version: versionOf(request) }]);
    const orders = { machines: { [PUMP]: order }, every: 60 };
    this.moments.push({ kind: 'answered', request, answer: { orders, etag: JSON.stringify(order) } });
    this.moments.push({ kind: 'heard', device: DEVICE, orders });
  }

  answers(base: string): void {
    this.base = base;
    this.moments.push({ kind: 'answers', device: DEVICE, base });
  }

  note(actor: string, action: string, subject: string, said: object = {}): void {
    const previous = this.noted.at(-1)?.hash ?? '0'.repeat(64);
    const [number, time, details] = [this.noted.length + 1, 0, JSON.stringify(said)];
    const text = JSON.stringify([number, time, actor, action, subject, details, previous]);
    const hash = createHash('sha256').update(text).digest('hex');
    this.noted.push({ number, time, actor, action, subject, details, previous, hash });
  }

  get history(): RunHistory {
    const { rollouts, machines, noted, base, reason, counter } = this;
    const current = { sha256: base, digest: base, name: PUMP, carrying: null, since: '' };
    const refused = reason === undefined ? [] : [{ sha256: NEW, reason }];
    const entry = { state: 'idle', current, former: current, refused } as unknown as never;
    return {
      moments: this.moments.map((happening) => ({ at: 0, ...happening })),
      end: {
        ...{ isReached: true, rollouts, machines, noted, counters: { [DEVICE]: counter } },
        shown: Object.fromEntries(rollouts.map(({ id }) => [id, machines[0]!])),
        devices: [{ device: DEVICE, entry, problem: undefined }],
      },
    };
  }

  /** Rules that it breaks. */
  get broken(): string[] {
    return [...new Set(judge(this.history).map(({ rule }) => rule))].sort();
  }
}

const FIRST_WAVE = { phase: 'waves', waves: 1, wavePlaces: '[1]' } as const;
const DONE = { phase: 'done', ended: 1 } as const;
const STOPPED = { phase: 'stopped', ended: 1 } as const;

function begun(): Story {
  const story = new Story();
  story.act('begin');
  story.report(TRY);
  return story;
}

/** Held, and approved. */
function installing(): Story {
  const story = begun();
  story.look({ phase: 'held' });
  story.act('approve', FIRST_WAVE);
  story.report(INSTALL);
  return story;
}

function done(): Story {
  const story = installing();
  story.answers(NEW);
  story.machines = [machine({ standing: 'ended' })];
  story.look(DONE);
  return story;
}

/** A person has stopped it in the shadow. */
function stopped(story = begun()): Story {
  story.machines = [machine({ standing: 'ended' })];
  story.act('abort', STOPPED);
  return story;
}

const trial = (counts: Partial<typeof NOTHING>, begun?: string) => ({
  trial: { sha256: NEW, begun, ways: [{ carrying: 'carry' as const, ...NOTHING, ...counts, ended: null }] },
});

describe('the judge of a history', () => {
  it.each([
    ['a rollout that a person approves', done()],
    ['one that a person stops', stopped()],
    ['a base that a machine refuses with a reason', Object.assign(done(), { base: OLD, reason: 'it is worse' })],
  ])('finds nothing wrong with %s', (_, story) => {
    if (story.reason !== undefined) story.answers(OLD);
    expect(story.broken).toEqual([]);
  });

  it('sees a base that nobody has signed or ordered', () => {
    const story = stopped();
    story.answers('c'.repeat(64));
    expect(story.broken).toEqual(['ends', 'signed']);
  });

  it('sees an installation before the gate, and a trial after the end', () => {
    const early = begun();
    early.report(INSTALL);
    expect(stopped(early).broken).toEqual(['ordered']);
    const late = stopped();
    late.report(TRY);
    expect(late.broken).toEqual(['ordered']);
  });

  it('sees a wave that reaches a place beyond its share', () => {
    const story = installing();
    story.machines = [machine({ place: 1 })];
    story.report(INSTALL);
    expect(stopped(story).broken).toContain('ordered');
    expect(story.broken).toContain('places');
  });

  it('sees a wave that reaches other places than its share of the machines that can get the base', () => {
    const halved = { plan: JSON.stringify({ ...DEFAULT_PLAN, waves: [0.5, 1] }), machines: 5 };
    const waveOf = (wavePlaces: string) => {
      const story = new Story();
      story.rollouts = [rollout(halved)];
      const states = ['failed', 'waiting', 'trying', 'gone', 'installed'] as const;
      story.machines = states.map((state, place) =>
        machine({ device: place === 0 ? DEVICE : `${place}`, place, state }),
      );
      story.act('begin', halved);
      story.look({ phase: 'held' });
      story.act('approve', { ...FIRST_WAVE, wavePlaces });
      return story;
    };
    // Three can get it, and the second of them has place 2.
    const right = waveOf('[3]');
    right.machines = right.machines.map((row) => ({ ...row, standing: 'ended' }));
    right.act('abort', STOPPED);
    expect(right.broken).toEqual([]);
    for (const wrong of ['[2]', '[4]', '[5]', '[]']) expect(waveOf(wrong).broken).toContain('waves');
    const moved = waveOf('[3]');
    moved.look({ wavePlaces: '[4]' });
    expect(moved.broken).toContain('waves');
  });

  it('sees what begins in a pause, and lets what has begun go on', () => {
    const story = begun();
    story.act('pause', { paused: 1 });
    story.report(TRY, { candidate: NEW });
    expect(stopped(story).broken).toEqual([]);
    const other = begun();
    other.act('pause', { paused: 1 });
    other.report(TRY);
    expect(stopped(other).broken).toEqual(['paused']);
  });

  it('sees a first wave without evidence, a wave in a pause, and a change after the end', () => {
    const story = begun();
    story.look(FIRST_WAVE);
    expect(stopped(story).broken).toEqual(['gate']);
    const paused = begun();
    paused.act('pause', { paused: 1 });
    paused.look({ phase: 'held' });
    expect(stopped(paused).broken).toEqual(['phases']);
    const after = stopped();
    after.act('resume', { phase: 'shadow' }, 0);
    expect(after.broken).toContain('phases');
  });

  it('sees labels that were counted twice', () => {
    const once = begun();
    once.machines = [machine({ compared: 9, differed: 2, labelled: 2, gained: 1, lost: 1 })];
    once.report(TRY, trial({ compared: 9, differed: 2, labelled: 2, gained: 1, lost: 1 }));
    const counted = once.machines[0]!;
    once.machines = [{ ...counted, standing: 'ended' }];
    once.act('abort', STOPPED);
    expect(once.broken).toEqual([]);
    const twice = begun();
    twice.machines = [machine({ compared: 18, differed: 4, labelled: 4, gained: 2, lost: 2 })];
    twice.report(TRY, trial({ compared: 9, differed: 2, labelled: 2, gained: 1, lost: 1 }));
    twice.machines = [{ ...twice.machines[0]!, standing: 'ended' }];
    twice.act('abort', STOPPED);
    expect(twice.broken).toEqual(['labels']);
  });

  it('adds up the newest counts of each trial, of which less counts than before adds nothing', () => {
    const reports = [
      [{ compared: 9, labelled: 1, differed: 1, lost: 1 }, 'first'],
      [{ compared: 12, labelled: 2, differed: 2, lost: 2 }, 'first'],
      [{ compared: 5 }, 'first'],
      [{ compared: 4, labelled: 1, differed: 1, gained: 1 }, 'second'],
    ] as const;
    const brokenWith = (compared: number) => {
      const story = begun();
      const rows = [9, 12, 12, compared].map((sum) => machine({ compared: sum }));
      for (const [k, [counts, time]] of reports.entries()) {
        const [labelled, gained, lost] = [
          [1, 0, 1],
          [2, 0, 2],
          [2, 0, 2],
          [3, 1, 2],
        ][k]!;
        story.machines = [{ ...rows[k]!, labelled, differed: labelled, gained, lost }] as RolloutMachineRow[];
        story.report(TRY, trial(counts, time));
      }
      story.machines = [{ ...story.machines[0]!, standing: 'ended' }];
      story.act('abort', STOPPED);
      return story.broken;
    };
    expect(brokenWith(16)).toEqual([]);
    for (const wrong of [4, 9, 12, 30]) expect(brokenWith(wrong)).toEqual(['labels']);
  });

  it('sees requests that are accepted twice or behind later ones, and orders that were never given', () => {
    const twice = begun();
    twice.answer(1, TRY, twice.counter);
    expect(stopped(twice).broken).toEqual(['counters']);
    const behind = begun();
    behind.report(TRY, {}, behind.counter);
    expect(stopped(behind).broken).toEqual(['counters']);
    const never = begun();
    never.moments.push({ kind: 'answered', request: 1, answer: null });
    expect(stopped(never).broken).toEqual(['counters', 'orders']);
  });

  it('sees epochs that go back, and looks with an earlier one', () => {
    const story = begun();
    story.moments.push({ kind: 'took', controller: 'two', name: ROLLOUT, epoch: 2 });
    story.look({}, 2);
    expect(stopped(story).broken).toEqual([]);
    const late = begun();
    late.moments.push({ kind: 'took', controller: 'two', name: ROLLOUT, epoch: 2 });
    late.look({}, 1);
    late.moments.push({ kind: 'took', controller: 'one', name: ROLLOUT, epoch: 2 });
    expect(judge(stopped(late).history).map(({ rule }) => rule)).toEqual(['leases', 'leases']);
  });

  it.each([0, 2])('sees an act that is noted %i times', (notes) => {
    const story = begun();
    story.act('pause', { paused: 1 }, notes);
    expect(stopped(story).broken).toEqual(['history']);
  });

  it('sees a history whose entries were changed, and an act that was not done', () => {
    const changed = stopped();
    changed.noted[1] = { ...changed.noted[1]!, time: 5 };
    expect(changed.broken).toEqual(['history']);
    const undone = stopped();
    undone.moments.push({ kind: 'done', act: 99, action: 'pause', problem: undefined });
    expect(undone.broken).toEqual(['history']);
  });

  it('sees machines that end with a wrong base, and rollouts without an end', () => {
    const story = installing();
    story.answers(NEW);
    expect(stopped(story).broken).toEqual(['ends']);
    const back = done();
    back.answers(OLD);
    expect(back.broken).toEqual(['ends']);
    expect(begun().broken).toEqual(['liveness']);
  });

  it('sees a machine in two open rollouts', () => {
    const story = begun();
    story.rollouts = [rollout(), rollout({ id: 's' })];
    story.machines = [machine(), machine({ rollout: 's' })];
    story.transact({ kind: 'look', rollout: ROLLOUT, epoch: 1, hasLooked: true });
    expect(story.broken).toContain('single');
  });
});
