import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RandomGenerator, SpikewireError } from '@spikewire/models';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Carrying, Offer } from '../repository/offer.ts';
import type { CandidateFigures } from '../trial/trial.ts';
import { Bases, sha256Of } from './bases.ts';
import { EMPTY_JOURNAL, Journal, type Pair } from './journal.ts';
import type { TrialObserver, UpdatedHost, UpdateSource } from './ports.ts';
import { Updater } from './updater.ts';

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
  watches = 0;
  unwatching: () => Promise<void> = async () => {};
  readonly replaced: string[] = [];

  describe(bytes: Uint8Array) {
    return { digest: sha256Of(bytes), possible: ['carry', 'reset'] as const };
  }

  async watch(_: unknown, __: unknown, observer: TrialObserver) {
    this.observer = observer;
    this.watches++;
  }

  figures(): ReadonlyMap<Carrying, CandidateFigures> {
    const { readings } = this;
    return new Map([['carry', { readings, leftOut: 0, refused: 0, problem: null, microseconds: 1, bytes: 1 }]]);
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
  const random = new RandomGenerator(1, 'updater');
  updater = new Updater({ journal, bases, source, host, rules: RULES, random, warn: (line) => lines.push(line) });
});
afterEach(async () => {
  await updater.stop().catch(() => {});
  await journal.close();
  await rm(folder, { recursive: true, force: true });
});

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
    updater.approve();
    answer();
    await vi.waitFor(() => expect(host.watches).toBe(2));
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(journal.entry).toMatchObject({ state: 'shadow', candidate: { name: 'newer' } });
    expect(host.replaced).toEqual([]);
  });

  it('goes back while another model is on trial, and hands over nothing of that', async () => {
    await beginTrial();
    const unwatched = vi.spyOn(host, 'unwatch');
    const replaced = vi.spyOn(host, 'replace');
    updater.rollback();
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

describe('a journal', () => {
  it('keeps both of two changes that come at once', async () => {
    await Promise.all([journal.write({ state: 'check' }), journal.write({ pinned: true })]);
    expect(journal.entry).toMatchObject({ state: 'check', pinned: true });
  });
});
