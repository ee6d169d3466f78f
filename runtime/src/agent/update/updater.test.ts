import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RandomGenerator, SpikewireError } from '@spikewire/models';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Carrying, Offer } from '../repository/offer.ts';
import type { CandidateFigures } from '../trial/trial.ts';
import { Bases, sha256Of } from './bases.ts';
import { EMPTY_JOURNAL, Journal, type Pair, readEntry } from './journal.ts';
import type { ConfidenceSeen, TrialObserver, UpdatedHost, UpdateSource } from './ports.ts';
import { type Refusal, withRefusal } from './refusals.ts';
import { statusOf } from './status.ts';
import { Updater, type UpdaterOptions } from './updater.ts';

const [OLDEST, OLD, NEW, NEWER] = ['oldest', 'old', 'new', 'newer'].map((text) => Buffer.from(text)) as [
  Buffer,
  Buffer,
  Buffer,
  Buffer,
];
const RULES = { lookEverySeconds: 3600, decideEverySeconds: 0.002 };

let folder: string;
let journal: Journal;
let bases: Bases;
let host: FakeHost;
let updater: Updater;
let lines: string[];
let now: number;
let memory: number;
const DAY = 86_400_000;
/** What the repository offers; its looks wait for `hold`. */
let offered: Buffer;
let hold: Promise<void> | undefined;

const source: UpdateSource = {
  async look() {
    await hold;
    const target = { name: offered.toString(), length: offered.length, sha256: sha256Of(offered), custom: null };
    return { target, carrying: ['carry', 'reset'] } as unknown as Offer;
  },
  async fetch() {
    await bases.keep(offered);
  },
};

class FakeHost implements UpdatedHost {
  observer: TrialObserver | undefined;
  readings = 0;
  leftOut = 0;
  operations: CandidateFigures['operations'];
  operationsOnCard: number | undefined;
  confidence: ConfidenceSeen | undefined;
  problem: Error | undefined;
  possible: readonly Carrying[] = ['carry', 'reset'];
  watches = 0;
  /** Ways that there is memory for at a time, and those that run. */
  most = 3;
  watched: readonly Carrying[] = [];
  unwatching: () => Promise<void> = async () => {};
  readonly replaced: string[] = [];

  describe(bytes: Uint8Array) {
    if (this.problem !== undefined) throw this.problem;
    return { digest: sha256Of(bytes), possible: this.possible };
  }

  async watch(_: unknown, carryings: readonly Carrying[], observer: TrialObserver) {
    this.observer = observer;
    this.watches++;
    this.watched = carryings.slice(0, this.most);
    return this.watched;
  }

  figures(): ReadonlyMap<Carrying, CandidateFigures> {
    const { readings, leftOut, operations, operationsOnCard } = this;
    const figures = {
      ...{ readings, leftOut, refused: 0, problem: null, microseconds: 1, bytes: 1 },
      ...(operations && { operations }),
      ...(operationsOnCard !== undefined && { operationsOnCard }),
    };
    return new Map(this.watched.map((carrying) => [carrying, figures]));
  }

  unwatch() {
    return this.unwatching();
  }

  async replace({ bytes }: { bytes: Uint8Array }, _: unknown, commit: () => Promise<void>) {
    await commit();
    this.replaced.push(Buffer.from(bytes).toString());
  }
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-updater-'));
  journal = await Journal.open(join(folder, 'journal'));
  bases = new Bases(join(folder, 'bases'));
  for (const bytes of [OLDEST, OLD]) await bases.keep(bytes);
  [host, offered, hold, lines] = [new FakeHost(), NEW, undefined, []];
  await journal.write({ ...EMPTY_JOURNAL, current: pairOf(OLD), former: pairOf(OLDEST) });
  [now, memory] = [Date.parse('2026-12-01T00:00:00Z'), 2 ** 20];
  updater = newUpdater();
});
afterEach(async () => {
  await updater.stop().catch(() => {});
  await journal.close();
  await rm(folder, { recursive: true, force: true });
});

function newUpdater(change: Partial<UpdaterOptions> = {}): Updater {
  const random = new RandomGenerator(1, 'updater');
  const options = { journal, bases, source, host, rules: RULES, random, memory, now: () => now };
  return new Updater({ ...options, warn: (line) => lines.push(line), ...change });
}

function pairOf(bytes: Buffer): Pair {
  const sha256 = sha256Of(bytes);
  return { sha256, digest: sha256, name: bytes.toString(), carrying: null, since: '2026-01-01T00:00:00.000Z' };
}

async function beginTrial(): Promise<void> {
  updater.begin();
  updater.lookNow();
  await vi.waitFor(() => expect(host.watches).toBe(1));
}

const seen = (watched: string) => ({ net: '', time: 1, answering: 'a', watched });

describe('an updater', () => {
  it('installs what a person has approved, and not what has come in its place since', async () => {
    await beginTrial();
    let answer = () => {};
    hold = new Promise((resolve) => (answer = resolve));
    offered = NEWER;
    updater.lookNow();
    await new Promise((resolve) => setTimeout(resolve, 30)); // the look is under way
    await updater.approve();
    answer();
    await vi.waitFor(() => expect(host.watches).toBe(2));
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(journal.entry).toMatchObject({ state: 'shadow', candidate: { name: 'newer' } });
    expect(host.replaced).toEqual([]);
  });

  it.each(['approve', 'rollback'] as const)('does after a crash what was asked for: %s', async (action) => {
    const { sha256, name } = pairOf(NEW);
    await bases.keep(NEW);
    const candidate = { sha256, name, length: NEW.length, carrying: ['reset'] as const };
    await journal.write({ state: 'shadow', candidate });
    await updater[action]();
    // What is on the medium is all that another process knows.
    const saved = await Journal.peek(join(folder, 'journal'));
    await journal.write({ ...EMPTY_JOURNAL });
    await journal.write(saved!);
    updater = newUpdater();
    updater.begin();
    await vi.waitFor(() => expect(host.replaced).toEqual([action === 'approve' ? 'new' : 'oldest']));
    expect(journal.entry.asked).toBeNull();
  });

  it('refuses what cannot be made durable', async () => {
    await beginTrial();
    const failing = vi.spyOn(journal, 'change').mockRejectedValue(new SpikewireError('store', 'disk', 'is full'));
    await expect(updater.approve()).rejects.toThrow('disk: is full');
    failing.mockRestore();
    await expect(updater.approve('rebase')).rejects.toThrow('new does not allow rebase; expected carry or reset');
    expect(journal.entry).toMatchObject({ state: 'shadow', asked: null });
  });

  it('tells when what was asked for has begun', async () => {
    await beginTrial();
    const begun = updater.nextState(60_000);
    await updater.approve();
    await begun;
    expect(journal.entry.state).not.toBe('shadow');
    await updater.nextState(1); // nothing more is asked: it does not wait for ever
  });

  it('goes back while another model is on trial, and hands over nothing of that', async () => {
    await beginTrial();
    const unwatched = vi.spyOn(host, 'unwatch');
    const replaced = vi.spyOn(host, 'replace');
    await updater.rollback();
    await vi.waitFor(() => expect(host.replaced).toEqual(['oldest']));
    expect(unwatched.mock.invocationCallOrder[0]).toBeLessThan(replaced.mock.invocationCallOrder[0]!);
    await vi.waitFor(() => expect(journal.entry.refused.map(({ name }) => name)).toEqual(['old']));
  });

  it('saves at its end what a trial has come to, also without labels', async () => {
    await beginTrial();
    for (let k = 0; k < 7; k++) host.observer!.pair('carry', seen('a'));
    host.readings = 7;
    await updater.stop();
    expect(journal.entry).toMatchObject({ state: 'shadow', readings: 7, gates: { carry: { agreed: 7 } } });
  });

  it('tells that the base which is ordered is no longer offered, and that it is again', async () => {
    const order = { kind: 'try', sha256: sha256Of(NEW), carrying: 'carry' } as const;
    updater = newUpdater({ orders: () => order });
    offered = NEWER;
    updater.begin();
    await vi.waitFor(() => expect(updater.unoffered).toBe(sha256Of(NEW)));
    offered = NEW;
    updater.lookNow();
    await vi.waitFor(() => expect(host.watches).toBe(1));
    expect(updater.unoffered).toBeNull();
    offered = NEWER;
    updater.lookNow();
    await vi.waitFor(() => expect(updater.unoffered).toBe(sha256Of(NEW)));
    expect(updater.trial).toBeUndefined();
  });

  it('asks for as many labels in a day as the order allows', async () => {
    const order = { kind: 'try', sha256: sha256Of(NEW), carrying: 'carry', questionsPerDay: 2 } as const;
    updater = newUpdater({ orders: () => order });
    updater.begin();
    await vi.waitFor(() => expect(host.watches).toBe(1));
    for (let time = 1; time <= 5; time++) host.observer!.pair('carry', { ...seen('new'), answering: 'old', time });
    expect(updater.questions.list).toHaveLength(2);
  });

  it('tells a trial that begins anew from one that goes on after a restart', async () => {
    await beginTrial();
    const { begun } = updater.entry;
    expect(begun).toBe(new Date(now).toISOString());
    await updater.stop();
    now += 1000;
    updater = newUpdater();
    updater.begin();
    await vi.waitFor(() => expect(host.watches).toBe(2));
    expect(updater.entry.begun).toBe(begun);
    await updater.pin(true);
    await vi.waitFor(() => expect(updater.entry).toMatchObject({ state: 'idle', begun: null }));
    await updater.pin(false);
    updater.lookNow();
    await vi.waitFor(() => expect(host.watches).toBe(3));
    expect(updater.entry.begun).toBe(new Date(now).toISOString());
  });

  it('goes on with a trial while the medium fails, and says so once', async () => {
    await beginTrial();
    const failure = new SpikewireError('store', 'disk', 'is full');
    const writing = vi.spyOn(journal, 'write').mockRejectedValue(failure);
    host.observer!.pair('carry', seen('b'));
    host.observer!.judge('carry', seen('b'), 'b');
    await vi.waitFor(() => expect(writing.mock.calls.length).toBeGreaterThan(2));
    expect(lines.filter((line) => line.includes('is full'))).toHaveLength(1);
    writing.mockRestore();
    await vi.waitFor(() => expect(journal.entry.gates.carry).toMatchObject({ gained: 1 }));
    expect([host.watches, updater.problem]).toEqual([1, undefined]);
  });

  it('goes on where what runs beside cannot be ended', async () => {
    await beginTrial();
    host.unwatching = async () => {
      host.unwatching = async () => {};
      throw new SpikewireError('link', 'board', 'does not answer');
    };
    await updater.pin(true);
    await vi.waitFor(() => expect(lines.join()).toContain('board'));
    await updater.pin(false);
    updater.lookNow();
    await vi.waitFor(() => expect(host.watches).toBe(2));
  });
});

/**
 * Lets labels come for ways that are watched, of which so many in a hundred readings differ, and the new one is right.
 */
function label(labels: number, ways: readonly Carrying[] = host.watched): void {
  for (let k = 0; k < labels; k++) {
    for (const carrying of ways) {
      for (let agreed = 0; agreed < 9; agreed++) host.observer!.pair(carrying, seen('a'));
      host.observer!.pair(carrying, seen('b'));
      host.observer!.judge(carrying, seen('b'), 'b', host.confidence);
    }
    host.readings += 10;
  }
}

describe('what a trial looks at beside right answers', () => {
  it('waits for approval where the new model needs more than twice the synaptic operations, and says so', async () => {
    await beginTrial();
    host.operations = { answering: 10_000, watched: 21_000 };
    label(60);
    await vi.waitFor(() =>
      expect(statusOf(updater).summary).toContain('21000 synaptic operations a sample instead of 10000'),
    );
    expect(statusOf(updater).trial[0]).toMatchObject({ operations: { old: 10_000, new: 21_000, card: null } });
    expect(host.replaced).toEqual([]);
    await updater.approve();
    await vi.waitFor(() => expect(host.replaced).toEqual(['new']));
  });

  it.each([
    ['as much as its card says', 20_000, { answering: 10_000, watched: 21_000 }],
    ['more than twice as much of very little', undefined, { answering: 512, watched: 2048 }],
  ])('installs one that needs %s', async (_, card, operations) => {
    await beginTrial();
    [host.operations, host.operationsOnCard] = [operations, card];
    label(60);
    await vi.waitFor(() => expect(host.replaced).toEqual(['new']));
  });

  it('waits for approval where the new model is sure of what it does not know', async () => {
    await beginTrial();
    host.confidence = { answering: 0, watched: 0.1 }; // it is always right
    label(60);
    await vi.waitFor(() =>
      expect(statusOf(updater).summary).toContain('Brier score 0.810 instead of 0.000 on 60 answers'),
    );
    expect(host.replaced).toEqual([]);
    expect(statusOf(updater).trial[0]!.calibration).toMatchObject({ of: 60, worseLimit: 20 });
  });
});

describe('ways that do not fit into memory together', () => {
  beforeEach(() => {
    host.most = 1;
  });

  it('are tried one after another, and the best goes when each has had a turn', async () => {
    await beginTrial();
    expect(host.watched).toEqual(['carry']);
    label(40);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(host.replaced).toEqual([]); // it has passed, but the other way had no turn
    label(60);
    await vi.waitFor(() => expect(host.watched).toEqual(['reset']));
    expect(statusOf(updater).trial.map(({ runs }) => runs)).toEqual([false, true]);
    label(20);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(host.replaced).toEqual([]);
    label(80);
    await vi.waitFor(() => expect(host.replaced).toEqual(['new']));
    expect(host.watched).toEqual(['carry']); // what is installed runs when it is
  });

  it('go on with the same way after a restart', async () => {
    await beginTrial();
    label(110);
    await vi.waitFor(() => expect(host.watched).toEqual(['reset']));
    label(10);
    await updater.stop();
    expect(journal.entry.seen.carry).toBeGreaterThan(2000);
    expect(journal.entry.seen.reset).toBeGreaterThan(200);
    [host.watched, host.readings] = [[], 0];
    updater = newUpdater();
    updater.begin();
    await vi.waitFor(() => expect(host.watched).toEqual(['reset']));
    // What the way had learned beside is gone, and so is what spoke for it; the other one is made of the same lessons.
    expect(updater.trial!.state.gates).toMatchObject({ reset: { gained: 0 }, carry: { gained: 110 } });
  });
});

describe('a refusal', () => {
  const refusals = () => journal.entry.refused.map(({ name, cause, tries }) => [name, cause, tries]);

  /** Lets the watched ways be too slow. */
  async function beSlow(): Promise<void> {
    host.leftOut = 1e6;
    await vi.waitFor(() => expect(journal.entry.state).toBe('idle'));
    host.leftOut = 0;
  }

  async function look(): Promise<void> {
    updater.lookNow();
    await new Promise((resolve) => setTimeout(resolve, 20));
    await vi.waitFor(() => expect(['idle', 'shadow']).toContain(journal.entry.state));
  }

  it('of a model that is too slow here ends after a day, and then after two', async () => {
    await beginTrial();
    label(3);
    await beSlow();
    expect(refusals()).toEqual([['new', 'machine', 1]]);
    expect(journal.entry.refused[0]!.ways.carry).toBeLessThanOrEqual(1);
    now += 0.99 * DAY;
    await look();
    expect(host.watches).toBe(1);
    now += 0.02 * DAY;
    updater.lookNow();
    await vi.waitFor(() => expect(host.watches).toBe(2));
    await beSlow();
    expect(refusals()).toEqual([['new', 'machine', 2]]);
    now += 1.5 * DAY;
    await look();
    expect(host.watches).toBe(2);
    now += 0.6 * DAY;
    updater.lookNow();
    await vi.waitFor(() => expect(host.watches).toBe(3));
  });

  it('of a model that needs too much memory ends when there is more', async () => {
    host.problem = new SpikewireError('budget', 'new', 'needs 2 MB', 'at most 1 MB');
    updater.begin();
    await look();
    expect(refusals()).toEqual([['new', 'machine', 1]]);
    await updater.stop();
    host.problem = undefined;
    memory = 2 ** 21;
    updater = newUpdater();
    updater.begin();
    await look();
    await vi.waitFor(() => expect(host.watches).toBe(1));
  });

  it('of a model without a way from the present base ends when another base answers', async () => {
    host.possible = [];
    updater.begin();
    await look();
    expect(refusals()).toEqual([['new', 'base', 1]]);
    now += 100 * DAY;
    await look();
    expect(host.watches).toBe(0);
    host.possible = ['carry', 'reset'];
    await journal.write({ current: pairOf(OLDEST) });
    await look();
    await vi.waitFor(() => expect(host.watches).toBe(1));
  });

  it('of a model that is worse stays until a person lifts it', async () => {
    await beginTrial();
    for (const carrying of host.watched) {
      for (let k = 0; k < 60; k++) host.observer!.judge(carrying, seen('b'), 'a');
    }
    await vi.waitFor(() => expect(refusals()).toEqual([['new', 'model', 1]]));
    now += 1000 * DAY;
    await look();
    expect(host.watches).toBe(1);
    await expect(updater.retry('another')).rejects.toThrow(/no model "another" was refused.*new \(/);
    await updater.retry(journal.entry.refused[0]!.sha256.slice(0, 6));
    await vi.waitFor(() => expect(host.watches).toBe(2));
    expect(refusals()).toEqual([]);
    await expect(updater.retry()).rejects.toThrow('no model was refused');
  });

  it('is forgotten when the model is installed, and the list is bounded', async () => {
    const refusal = {
      sha256: '',
      name: 'x',
      reason: '',
      time: '',
      cause: 'model',
      memory: 0,
      base: null,
      ways: {},
    } as const;
    const list = Array.from({ length: 40 }).reduce<readonly Refusal[]>(
      (all, _, k) => withRefusal(all, { ...refusal, sha256: `${k}` }),
      [],
    );
    expect([list.length, list[0]!.sha256]).toEqual([32, '8']);
    const time = new Date(now).toISOString();
    const own = { ...refusal, sha256: sha256Of(NEW), time, tries: 1, cause: 'machine', memory: 1 } as const;
    await journal.write({ refused: [own] });
    await beginTrial();
    await updater.approve();
    await vi.waitFor(() => expect(host.replaced).toEqual(['new']));
    expect(refusals()).toEqual([]);
  });
});

describe('a journal', () => {
  it('of an earlier version is read, and what it refused stays refused', () => {
    const { calibrations: _, seen: __, ends: ___, asked: ____, ...old } = EMPTY_JOURNAL;
    const gate = { agreed: 3, differed: 2, answered: 1, gained: 1, lost: 0, same: 1.5 };
    const refused = [{ sha256: 'f', name: 'bad', reason: 'r', time: 't' }];
    const entry = readEntry(Buffer.from(JSON.stringify({ ...old, gates: { carry: gate }, refused })));
    expect(entry.gates).toEqual({ carry: { ...gate, worseBefore: 1, notWorseBefore: 1 } });
    expect(entry).toMatchObject({
      asked: null,
      calibrations: {},
      seen: {},
      ends: {},
      refused: [{ cause: 'model', tries: 1 }],
    });
  });

  it('keeps both of two changes that come at once', async () => {
    await Promise.all([journal.write({ state: 'check' }), journal.write({ pinned: true })]);
    expect(journal.entry).toMatchObject({ state: 'check', pinned: true });
  });
});
