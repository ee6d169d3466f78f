import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { clockedEngine, referenceEngine } from '@spikewire/engine';
import type { Executor, ExecutorSource } from '@spikewire/engine/executor';
import { inProcess } from '@spikewire/engine/executor';
import { classifierModel, nextReadingModel, parseModel, RandomGenerator, writeModel } from '@spikewire/models';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chain } from '../../../../test/chain.ts';
import { Store } from '../../store/index.ts';
import { readNetModel } from '../net-model.ts';
import { readingsIn } from '../session-state.ts';
import { folderName } from './folder-name.ts';
import { NetPool, type NetPoolOptions } from './net-pool.ts';
import { ESTABLISHED_AFTER } from './standing.ts';

const LIMIT_NAMES = { saveEverySeconds: 's', quotaBytes: 'q', bytesPerDay: 'b' };
const channels = [{ name: 'level', unit: 'm' }];
const model = writeModel(nextReadingModel({ channels, neurons: 10, rangeWarmUp: 10, monitor: { warmUp: 10 } }));
const reading = (k: number) => ({ time: 1000 * k, values: Float64Array.of(Math.sin(k / 3)) });

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

let directory: string;
let live: Set<Executor>;
let mostLive: number;
let warnings: string[];
let full: string[];

/** The reference engine with a count of the nets that are open. */
const source: ExecutorSource = {
  ...inProcess(referenceEngine),
  name: 'counted',
  async open(bytes, options) {
    const executor = await inProcess(referenceEngine).open(bytes, options);
    live.add(executor);
    mostLive = Math.max(mostLive, live.size);
    const close = executor.close.bind(executor);
    executor.close = async () => {
      live.delete(executor);
      await close();
    };
    return executor;
  },
};

/** That not all fit is a line of its own, which most tests do not ask for. */
function note(line: string): void {
  (line.includes(' exceeds the ') ? full : warnings).push(line);
}

function openPool(options: NetPoolOptions = {}) {
  return new NetPool(model, source, { directory, warn: note, ...options });
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'spikewire-pool-'));
  live = new Set();
  mostLive = 0;
  warnings = [];
  full = [];
});

afterEach(() => rm(directory, { recursive: true }));

/** Memory for one net before it is known what it takes. */
const DEMAND = readNetModel(model).demand;

describe('net pool', () => {
  it('has as many nets open as fit into its memory where nobody says how many', async () => {
    const pool = openPool({ memory: 200 * readNetModel(model).demand });
    for (let k = 0; k < 150; k++) await pool.use(`net${k}`, (kept) => kept.feed(reading(0)));
    expect([live.size, pool.evicted]).toEqual([150, 0]);
    expect(warnings).toEqual([]);
    await pool.close();
  });

  it.each([
    ['their number', { capacity: 2 }, /"net2": exceeds the 2 that --nets allows; .*; --nets 4 allows/],
    ['memory', { memory: DEMAND }, /exceeds the \d+ that --memory \(.* MB\) allows; .*; --memory 2M allows/],
  ])('says once that not all fit by %s, and what to set', async (_, options, expected) => {
    const pool = openPool({ limitNames: { ...LIMIT_NAMES, capacity: '--nets', memory: '--memory' }, ...options });
    for (let k = 0; k < 120; k++) await pool.use(`net${k % 60}`, (kept) => kept.feed(reading(0)));
    expect(full).toEqual([expect.stringMatching(expected)]);
    await pool.close();
  });

  it('has no more nets open than fit into its memory together', async () => {
    const memory = readNetModel(model).demand;
    const pool = openPool({ capacity: 1000, memory });
    const bytesOf = (key: string) =>
      pool.use(key, async ({ session }) => {
        await session.feed(reading(0));
        return session.bytes;
      });
    const fitting = Math.floor(memory / (await bytesOf('first')));
    const keys = Array.from({ length: fitting + 10 }, (_, k) => `net${k}`);
    await Promise.all(keys.map(bytesOf));
    for (const key of keys) await bytesOf(key);
    expect(fitting).toBeGreaterThan(1);
    expect(mostLive).toBe(fitting);
    expect(pool.evicted).toBeGreaterThanOrEqual(10);
    await pool.close();
  });

  it('saves and closes the least recently used net, and opens it again with its state', async () => {
    const pool = openPool({ capacity: 2 });
    const feed = (key: string, k: number) => pool.use(key, async (kept) => (await kept.feed(reading(k))).sequence);
    const establish = async (key: string) => {
      for (let k = 0; k < ESTABLISHED_AFTER; k++) await feed(key, k);
    };
    for (let k = 0; k < 30; k++) await feed('a', k);
    const state = () => pool.use('a', ({ session }) => session.save());
    await establish('b');
    await feed('a', 30);
    const before = await state();
    await establish('c');
    expect(pool.keys).toEqual(['a', 'c']);
    await establish('d');
    expect(pool.keys).toEqual(['c', 'd']);
    expect(await state()).toEqual(before);
    expect(await feed('a', 31)).toBe(32);
    expect(pool.evicted).toBe(3);
    await pool.close();
    expect(live.size).toBe(0);
    expect(warnings).toEqual([]);
  });

  it('warns once of what is doubtful about its model, however many nets it opens', async () => {
    const doubtful = parseModel({
      nodes: {
        in: { type: 'Input', shape: [1] },
        weight: { type: 'Linear', weight: [[1]] },
        cell: { type: 'LIF', tau: 0.0005, v_threshold: 0.5 },
        alone: { type: 'Input', shape: [1] },
        out: { type: 'Output' },
      },
      edges: chain('in', 'weight', 'cell', 'out'),
      encoder: { in: { type: 'direct' } },
      decoder: { out: { type: 'count' } },
    });
    const pool = new NetPool(writeModel(doubtful), source, { directory, warn: note });
    for (const key of ['a', 'b', 'a']) await pool.use(key, (kept) => kept.feed(reading(1)));
    await pool.close();
    expect(warnings).toEqual([
      'node "alone" has no edge and is ignored',
      expect.stringContaining('node "cell" (LIF): dt 0.001 is longer than'),
    ]);
  });

  it('loses no reading and no room, however many keys are used at the same time', async () => {
    const pool = openPool({ capacity: 3 });
    const random = new RandomGenerator(7, 'keys');
    const keys = Array.from({ length: 300 }, () => `net ${random.nextInteger(8)}`);
    const sequences = await Promise.all(
      keys.map((key, k) => pool.use(key, async (kept) => (await kept.feed(reading(k))).sequence)),
    );
    const counts = new Map<string, number>();
    for (const [k, key] of keys.entries()) {
      counts.set(key, (counts.get(key) ?? 0) + 1);
      expect(sequences[k]).toBe(counts.get(key));
    }
    await pool.close();
    expect(mostLive).toBeLessThanOrEqual(3);
    expect(live.size).toBe(0);
    expect(warnings).toEqual([]);
  });

  it('does not close a net under the hands of its user', async () => {
    const pool = openPool({ capacity: 1 });
    let enter = () => {};
    let release = () => {};
    const entered = new Promise<void>((resolve) => {
      enter = resolve;
    });
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const held = pool.use('a', async (kept) => {
      enter();
      await released;
      return (await kept.feed(reading(0))).sequence;
    });
    const other = pool.use('b', async (kept) => (await kept.feed(reading(0))).sequence);
    const again = pool.use('a', async (kept) => (await kept.feed(reading(1))).sequence);
    await entered;
    // Time in which a pool that does not wait would close it.
    await new Promise((resolve) => setTimeout(resolve, 20));
    release();
    expect(await Promise.all([held, other, again])).toEqual([1, 1, 2]);
    await pool.close();
  });

  it('gives up a net whose executor failed, and opens it anew from its last save', async () => {
    const pool = openPool({ saveEverySeconds: 1000 });
    for (let k = 0; k < 25; k++) await pool.use('a', (kept) => kept.feed(reading(k)));
    await pool.use('a', (kept) => kept.save());
    await pool.use('a', (kept) => kept.feed(reading(25)));
    for (const executor of live) executor.run = () => Promise.reject(new Error('the board was pulled out'));
    await expect(pool.use('a', (kept) => kept.feed(reading(26)))).rejects.toThrow(
      'executor: Error: the board was pulled out; expected no failure',
    );
    expect(pool.failed).toBe(1);
    expect(await pool.use('a', async (kept) => (await kept.feed(reading(27))).sequence)).toBe(26);
    await pool.close();
    expect(live.size).toBe(0);
  });

  it('opens none once it is closed, and serves those that were asked before', async () => {
    const pool = openPool();
    const before = pool.use('one', (kept) => kept.feed(reading(0)));
    const closed = pool.close();
    const after = ['one', 'other'].map((key) => pool.use(key, (kept) => kept.feed(reading(1))));
    const refused = (await Promise.allSettled(after)).map(
      (result) => result.status === 'rejected' && result.reason.message,
    );
    expect(refused).toEqual(
      ['one', 'other'].map((key) => `net "${key}": is closed, as all nets are; expected open nets`),
    );
    expect((await before).sequence).toBe(1);
    await closed;
    expect([pool.counters.open, live.size]).toEqual([0, 0]);
    expect(await readdir(directory)).not.toContain('other');
  });

  it('says what hinders a net from opening to each who asks, and tries again', async () => {
    const holder = openPool();
    await holder.use('a', () => {});
    const pool = openPool();
    await expect(pool.use('a', () => {})).rejects.toThrow(String(process.pid));
    await expect(pool.use('a', () => {})).rejects.toThrow(String(process.pid));
    await holder.close();
    expect(await pool.use('a', ({ session }) => session.sequence)).toBe(0);
    await pool.close();
    expect(live.size).toBe(0);
  });
});

describe('a net that makes room before its save is due', () => {
  /** Feeds the keys in turn, and gives the states of all nets at the end. */
  async function play(pool: NetPool, keys: readonly string[], all: readonly string[]): Promise<Uint8Array[]> {
    for (const [k, key] of keys.entries()) await pool.use(key, (kept) => kept.feed(reading(k)));
    const states: Uint8Array[] = [];
    for (const key of all) states.push(await pool.use(key, ({ session }) => session.save()));
    return states;
  }

  it('is written no more often than the interval says, and goes on to the last bit', async () => {
    const all = ['a', 'b', 'c', 'd', 'e'];
    const random = new RandomGenerator(3, 'keys');
    const keys = Array.from({ length: 150 }, () => all[random.nextInteger(all.length)]!);
    const roomy = new NetPool(model, source, {});
    const pool = openPool({ capacity: 2, saveEverySeconds: 1000 });
    mostLive = 0;
    const states = await play(pool, keys, all);
    expect(mostLive).toBe(2);
    expect(pool.evicted).toBeGreaterThan(50);
    expect(states).toEqual(await play(roomy, keys, all));
    expect(await savesOf(all)).toEqual([0, 0, 0, 0, 0]);
    await pool.close();
    expect(await savesOf(all)).toEqual([1, 1, 1, 1, 1]);
    const again = openPool();
    for (const [k, key] of all.entries()) {
      expect(await again.use(key, ({ session }) => session.save())).toEqual(states[k]);
    }
    await Promise.all([again.close(), roomy.close()]);
    expect(live.size).toBe(0);
    expect(warnings).toEqual([]);
  });

  /** Slots that hold a save: the first two saves of a net are in files of their own. */
  function savesOf(keys: readonly string[]): Promise<number[]> {
    return Promise.all(
      keys.map(async (key) => (await readdir(join(directory, key))).filter((name) => name.endsWith('.slot')).length),
    );
  }

  it('is saved when that is due although it rests, and then given up', async () => {
    const pool = openPool({ capacity: 1, saveEverySeconds: 0.2 });
    await pool.use('a', (kept) => kept.feed(reading(0)));
    await pool.use('b', (kept) => kept.feed(reading(0)));
    while (pool.resting > 0) await new Promise((resolve) => setTimeout(resolve, 10));
    expect((await savesOf(['a']))[0]).toBeGreaterThan(0);
    const saved = await Store.peek(join(directory, 'a'), { baseDigest: readNetModel(model).digest });
    expect(readingsIn(saved!.state)).toBe(1);
    await pool.close();
  });

  it('is written so, too, where only labels teach it and readings are quiet changes', async () => {
    const taught = writeModel(classifierModel({ channels, neurons: 10 }));
    const options = { directory, capacity: 1 };
    const pool = new NetPool(taught, source, { ...options, saveEverySeconds: 1000 });
    await play(pool, ['a', 'b', 'a', 'b', 'a', 'b'], []);
    expect([pool.evicted, pool.resting]).toEqual([5, 1]);
    expect(await savesOf(['a', 'b'])).toEqual([0, 0]);
    await pool.close();
    expect(await savesOf(['a', 'b'])).toEqual([1, 1]);
    const quick = new NetPool(taught, source, { ...options, saveEverySeconds: 0.2 });
    await play(quick, ['a', 'b'], []);
    while (quick.resting > 0) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await savesOf(['a'])).toEqual([2]);
    await quick.close();
  });

  it('keeps the bytes of its state and nothing else, in no more bytes than may rest', async () => {
    const source = inProcess(clockedEngine);
    const trial = new NetPool(model, source, {});
    const { net, state } = await trial.use('', async ({ session }) => {
      await session.feed(reading(0));
      return { net: session.bytes, state: (await session.save()).length };
    });
    await trial.close();
    const restingBytes = 3.5 * state;
    expect(net).toBeGreaterThan(restingBytes);
    const pool = new NetPool(model, source, { directory, capacity: 1, restingBytes, saveEverySeconds: 1000 });
    const closed: WeakRef<object>[] = [];
    const feed = (key: string) =>
      pool.use(key, async (kept) => {
        closed.push(new WeakRef(kept.session), new WeakRef(kept.session.executor));
        return kept.feed(reading(0));
      });
    for (const key of ['a', 'b', 'c', 'd']) await feed(key);
    await expect(feed('e')).rejects.toThrow('finds no room: 1 nets are open and 3 wait to be saved');
    collectGarbage();
    expect(closed.slice(0, 6).map((net) => net.deref())).toEqual(new Array(6).fill(undefined));
    await pool.close();
  });

  it('refuses a new net where no more may rest, serves those it has, and takes the new one after a save', async () => {
    const pool = openPool({ capacity: 2, restingBytes: 0, saveEverySeconds: 1000 });
    for (const key of ['rests', 'a', 'b']) await pool.use(key, (kept) => kept.feed(reading(0)));
    await expect(pool.use('c', () => {})).rejects.toThrow(
      'net "c": finds no room: 2 nets are open and 1 wait to be saved; expected fewer topics, more capacity and memory, or a smaller saveEverySeconds',
    );
    expect(pool.refused).toBe(1);
    expect(pool.keys).toEqual(['a', 'b']);
    await expect(readdir(join(directory, 'c'))).rejects.toThrow('ENOENT');
    expect(await pool.use('a', async (kept) => (await kept.feed(reading(1))).sequence)).toBe(2);
    await pool.use('a', (kept) => kept.save());
    expect(await pool.use('c', async (kept) => (await kept.feed(reading(0))).sequence)).toBe(1);
    expect(pool.keys).toEqual(['b', 'c']);
    await pool.close();
  });

  it('is found again whether it rests, is being saved or is on its way out', async () => {
    const pool = openPool({ capacity: 2, saveEverySeconds: 0.005 });
    const random = new RandomGenerator(5, 'keys');
    const counts = new Map<string, number>();
    for (let k = 0; k < 150; k++) {
      const keys = Array.from({ length: 1 + random.nextInteger(4) }, () => `net ${random.nextInteger(5)}`);
      const sequences = await Promise.all(
        keys.map((key) => pool.use(key, async (kept) => (await kept.feed(reading(k))).sequence)),
      );
      for (const [index, key] of keys.entries()) {
        counts.set(key, (counts.get(key) ?? 0) + 1);
        expect(sequences[index]).toBe(counts.get(key));
      }
    }
    await pool.close();
    expect(mostLive).toBeLessThanOrEqual(2);
    expect(live.size).toBe(0);
    expect(warnings).toEqual([]);
  });

  it('is there for those who ask, also where no medium has it', async () => {
    const file = join(directory, 'file');
    await writeFile(file, '');
    const pool = openPool({ capacity: 1, directory: join(file, 'store') });
    await pool.use('a', (kept) => kept.feed(reading(0)));
    await pool.use('b', (kept) => kept.feed(reading(0)));
    expect(pool.counters).toMatchObject({ open: 1, resting: 1 });
    await pool.expectNet('a');
    await pool.expectNet('b');
    await expect(pool.expectNet('c')).rejects.toThrow('net "c": does not exist');
    await pool.close().catch(() => {});
  });

  it('is not forgotten when the medium fails', async () => {
    const pool = openPool({ capacity: 1, saveEverySeconds: 0 });
    await pool.use('a', (kept) => kept.feed(reading(0)));
    await rm(join(directory, 'a'), { recursive: true });
    await pool.use('a', (kept) => kept.feed(reading(1)));
    await pool.use('b', (kept) => kept.feed(reading(0)));
    expect(await pool.use('a', async (kept) => (await kept.feed(reading(2))).sequence)).toBe(3);
    await expect(pool.close()).rejects.toThrow();
    expect(warnings[0]).toMatch(/the stream continues$/);
    expect(live.size).toBe(0);
  });

  it('without a store forgets, and says so once', async () => {
    const pool = new NetPool(model, source, { capacity: 1, warn: note });
    for (const key of ['a', 'b', 'a', 'b']) {
      expect(await pool.use(key, async (kept) => (await kept.feed(reading(0))).sequence)).toBe(1);
    }
    await pool.close();
    expect(warnings).toEqual([
      'net "a": closed to make room for another net; what it had learned is lost, because there is no store',
    ]);
  });
});

describe('without a store', () => {
  const open = (options: NetPoolOptions = {}) =>
    new NetPool(model, source, { warn: note, saveEverySeconds: 0, ...options });
  const feed = (pool: NetPool, key: string, k: number) =>
    pool.use(key, async (kept) => {
      const { sequence } = await kept.feed(reading(k));
      // Where a copy of its state is due, it is made before anybody else uses the net.
      await new Promise(setImmediate);
      return { sequence, net: kept.session.bytes, copy: kept.remembered?.length ?? 0 };
    });
  const pullOut = () => {
    for (const executor of live) executor.run = () => Promise.reject(new Error('pulled out'));
  };

  it('nets and the copies of their states take no more than its memory together', async () => {
    const memory = 3 * readNetModel(model).demand;
    const pool = open({ capacity: 1000, memory });
    const { net, copy } = await feed(pool, 'first', 0);
    expect(copy).toBeGreaterThan(net / 4);
    const keys = Array.from({ length: Math.ceil(memory / net) }, (_, k) => `net${k}`);
    for (const key of keys) {
      await feed(pool, key, 0);
      expect(live.size * (net + copy)).toBeLessThanOrEqual(memory);
    }
    expect(live.size).toBe(Math.floor(memory / (net + copy)));
    await pool.close();
  });

  it('a net that lost its executor is there for those who ask, and goes on as often as that happens', async () => {
    const pool = open({ saveEverySeconds: 1000 });
    for (let k = 0; k < 20; k++) await feed(pool, 'a', k);
    await pool.use('a', (kept) => kept.setLearning(false)); // which is worth a copy at once
    await new Promise(setImmediate);
    for (let death = 0; death < 3; death++) {
      pullOut();
      await expect(feed(pool, 'a', 20)).rejects.toThrow('pulled out');
      await pool.expectNet('a');
      expect(await pool.use('a', ({ session }) => [session.sequence, session.learning])).toEqual([20, false]);
    }
    await pool.close();
  });

  it('a lost net keeps its place, and gives it up before one that runs', async () => {
    const pool = open({ capacity: 3 });
    for (const key of ['a', 'b', 'c']) for (let k = 0; k < 12; k++) await feed(pool, key, k);
    pullOut();
    for (const key of ['a', 'b', 'c']) await expect(feed(pool, key, 12)).rejects.toThrow('pulled out');
    expect((await feed(pool, 'd', 0)).sequence).toBe(1);
    expect((await feed(pool, 'c', 12)).sequence).toBe(13);
    expect(pool.keys).toEqual(['d', 'c']);
    await expect(pool.expectNet('a')).rejects.toThrow('net "a": does not exist');
    expect((await feed(pool, 'b', 12)).sequence).toBe(13);
    expect(warnings[0]).toMatch(/^net "a": closed to make room for another net; what it had learned is lost/);
    await pool.close();
  });
});

describe('a flood of new keys', () => {
  /** Monotonic microseconds. */
  let time: number;
  const clock = () => time;
  const feed = (pool: NetPool, key: string, k = 0) =>
    pool.use(key, async (kept) => (await kept.feed(reading(k))).sequence);
  /** Gives nets as many readings as an established one has had, one a second. */
  const establish = async (pool: NetPool, keys: readonly string[]) => {
    for (let k = 0; k < ESTABLISHED_AFTER; k++) {
      time += 1e6;
      for (const key of keys) await feed(pool, key, k);
    }
  };
  const flood = async (pool: NetPool, count: number, from = 0) => {
    let refused = 0;
    for (let k = from; k < from + count; k++) {
      time += 1000;
      await feed(pool, `new ${k}`).catch(({ code, message }) => {
        expect(code).toBe('budget');
        expect(message).toMatch(/^net "new \d+": /);
        refused++;
      });
    }
    expect(pool.refused).toBe(refused);
    return refused;
  };
  const known = ['a', 'b', 'c'];

  beforeEach(() => {
    time = 0;
  });

  it('takes turns in the places that no established net has', async () => {
    for (const options of [{ directory }, {}]) {
      const pool = new NetPool(model, source, { ...options, capacity: 4, clock, saveEverySeconds: 1000 });
      await establish(pool, known);
      expect(await flood(pool, 50)).toBe(0);
      expect(pool.keys).toEqual([...known, 'new 49']);
      await pool.close();
    }
  });

  it('closes no established net without a store, which would forget it, until its sensor is gone', async () => {
    const pool = new NetPool(model, source, { capacity: 3, clock });
    await establish(pool, known);
    expect(await flood(pool, 100)).toBe(100);
    for (const key of known) expect(await feed(pool, key)).toBe(ESTABLISHED_AFTER + 1);
    time += 300e6;
    for (const key of ['a', 'c']) await feed(pool, key);
    time += 301e6;
    expect(await feed(pool, 'other')).toBe(1); // b has been silent for more than ten minutes
    expect(pool.keys).toEqual(['a', 'c', 'other']);
    await pool.close();
  });

  it('takes the place of a sensor that is gone before that of a new one', async () => {
    const pool = new NetPool(model, source, { capacity: 2, clock });
    await establish(pool, ['a']);
    await feed(pool, 'b');
    time += 601e6;
    await feed(pool, 'c');
    expect(pool.keys).toEqual(['b', 'c']);
    await pool.close();
  });

  it('closes established nets to the store at a low rate, and they find a place again at once', async () => {
    const pool = openPool({ capacity: 3, clock, saveEverySeconds: 1000 });
    await establish(pool, known);
    let admitted = 0;
    for (let round = 1; round <= 50; round++) {
      time += 0.1e6;
      admitted += await feed(pool, `new ${round}`).catch(() => 0);
      for (const key of known) expect(await feed(pool, key)).toBe(ESTABLISHED_AFTER + round);
    }
    expect(admitted).toBe(16 + 5 - 1); // at once, and one a second from the first on
    expect(pool.refused).toBe(50 - admitted);
    await pool.close();
  });

  it('leaves established nets room to rest in', async () => {
    const trial = new NetPool(model, source, {});
    const state = await trial.use('', async ({ session }) => (await session.save()).length);
    await trial.close();
    const pool = openPool({ capacity: 2, clock, restingBytes: 20 * state, saveEverySeconds: 1000 });
    await establish(pool, ['a', 'b']);
    expect(await flood(pool, 100)).toBeGreaterThan(50);
    expect(pool.resting).toBe(15);
    expect(pool.keys).not.toContain('a');
    for (const key of ['a', 'b']) expect(await feed(pool, key)).toBe(ESTABLISHED_AFTER + 1);
    await pool.close();
  });

  it('is told from nets that are known: open, at rest, or in the store, also after a restart', async () => {
    const pool = openPool({ capacity: 2, clock });
    await pool.takeStores();
    await establish(pool, ['a']);
    for (const key of ['b', 'c', 'D/e']) await feed(pool, key);
    const standing = (pool: NetPool, ...keys: string[]) => keys.map((key) => pool.isNewcomer(key));
    expect(pool.keys).toEqual(['a', 'D/e']);
    expect(standing(pool, 'a', 'b', 'c', 'D/e', 'other')).toEqual([false, true, true, false, true]);
    await pool.close();
    const again = openPool({ capacity: 2, clock });
    await again.takeStores();
    expect(standing(again, 'a', 'b', 'D/e', 'd/e', 'other')).toEqual([false, false, false, true, true]);
    await again.close();
  });

  it('tells whoever asks of nets that are forgotten, once nobody uses them, and of no others', async () => {
    const forgotten: string[] = [];
    const stored = openPool({ capacity: 1 });
    const pool = new NetPool(model, source, { capacity: 1 });
    for (const each of [stored, pool]) each.observeForgotten((key) => forgotten.push(key));
    await feed(stored, 'a');
    await feed(stored, 'b');
    let other: Promise<number> | undefined;
    await pool.use('a', async (kept) => {
      other = feed(pool, 'b');
      await kept.feed(reading(0));
      expect(forgotten).toEqual([]);
    });
    expect(await other).toBe(1);
    expect(forgotten).toEqual(['a']);
    await stored.close();
    await pool.close();
    expect(forgotten).toEqual(['a']);
  });
});

describe('folder name', () => {
  const awkward = fc.constantFrom(
    '',
    '.',
    '..',
    '../../etc',
    'A',
    'a',
    'a/b',
    'a-b',
    'a b',
    'ä',
    'con',
    '\u0000',
    'x'.repeat(300),
    '-',
    '--help',
  );
  const key = fc.oneof(awkward, fc.string({ maxLength: 80 }), fc.string({ unit: 'binary', maxLength: 20 }));

  it('is one harmless level, different for different keys also where case does not count', () => {
    fc.assert(
      fc.property(key, key, (one, other) => {
        expect(folderName(one)).toMatch(/^[a-z0-9_-]{1,64}$/);
        if (one !== other) expect(folderName(one)).not.toBe(folderName(other));
      }),
    );
  });

  it('of a hashed key is taken by no plain key', () => {
    fc.assert(
      fc.property(key, (one) => {
        const name = folderName(one);
        if (name !== one) expect(folderName(name)).not.toBe(name);
      }),
    );
    expect(folderName('single-hop-2')).toBe('single-hop-2');
  });
});
