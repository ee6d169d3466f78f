import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { referenceEngine } from '@spikewire/engine';
import { type InProcessExecutor, inProcess } from '@spikewire/engine/executor';
import { classifierModel, type LearningDeclaration, nextReadingModel, writeModel } from '@spikewire/models';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Store } from '../../store/index.ts';
import type { KeptSession } from '../kept/kept-session.ts';
import type { CarryOver } from '../kept/state-keeper.ts';
import { readNetModel } from '../net-model.ts';
import { readingsIn, rebaseSessionState } from '../session-state.ts';
import { NetPool, type NetPoolOptions } from './net-pool.ts';

/** A model whose nets go on where they stopped: another number makes another one, that reads the same. */
function modelOf(seed: number, channels = ['level'], monitor = { warmUp: 4 }): Uint8Array {
  const named = channels.map((name) => ({ name, unit: 'm' }));
  return writeModel(nextReadingModel({ channels: named, neurons: 5, rangeWarmUp: 4, seed, monitor }));
}
const MODELS = [modelOf(1), modelOf(2), modelOf(3)];

let directory: string;
let pools: NetPool[];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'spikewire-replace-'));
  pools = [];
});
afterEach(async () => {
  await Promise.all(pools.map((pool) => pool.close()));
  await rm(directory, { recursive: true });
});

function openPool(bytes: Uint8Array, options: NetPoolOptions = {}): NetPool {
  const pool = new NetPool(bytes, inProcess(referenceEngine), options);
  pools.push(pool);
  return pool;
}

const feed = (pool: NetPool, key: string, number: number) =>
  pool.use(key, (kept) => kept.feed({ time: number, values: Float64Array.of(number) }));

/** Readings that the nets of a model have taken, as the store has them. */
async function takenBy(model: Uint8Array, keys: readonly string[]): Promise<number> {
  const pool = openPool(model, { directory });
  let taken = 0;
  for (const key of keys) taken += await pool.use(key, ({ session }) => session.sequence);
  await pool.close();
  return taken;
}

describe('a model that takes the place of another', () => {
  it('loses no reading and takes none twice, whenever it comes', async () => {
    const keys = ['a', 'b'];
    const action = fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom(...keys) },
      { weight: 1, arbitrary: fc.record({ model: fc.constantFrom(0, 1, 2), isRefused: fc.boolean() }) },
      { weight: 2, arbitrary: fc.constant('turn') },
    );
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 5, maxLength: 60 }), async (actions) => {
        const folder = directory;
        directory = join(folder, String(run++));
        const answered = new Map(keys.map((key) => [key, [] as number[]]));
        const pool = openPool(MODELS[0]!, { directory, listener: (key, { time }) => answered.get(key)!.push(time) });
        const given = new Map(keys.map((key) => [key, 0]));
        const asked: Promise<unknown>[] = [];
        for (const act of actions) {
          if (act === 'turn') await nextTurn();
          else if (typeof act === 'object') {
            const commit = async () => {
              await nextTurn();
              if (act.isRefused) throw new Error('not now');
            };
            const replacing = pool.replaceModel(MODELS[act.model]!, { commit });
            asked.push(act.isRefused ? expect(replacing).rejects.toThrow('not now') : replacing);
          } else {
            const number = given.get(act)! + 1;
            given.set(act, number);
            asked.push(feed(pool, act, number));
          }
        }
        await Promise.all(asked);
        await pool.close();
        for (const key of keys) {
          expect(answered.get(key)).toEqual(Array.from({ length: given.get(key)! }, (_, k) => k + 1));
        }
        let stored = 0;
        for (const model of MODELS) stored += await takenBy(model, keys);
        expect(stored).toBe([...given.values()].reduce((sum, count) => sum + count, 0));
        directory = folder;
      }),
      { numRuns: 25 },
    );
  }, 60_000);

  it('is asked by whoever comes meanwhile, after the readings that came before it', async () => {
    const answers: (readonly [number, number])[] = [];
    const pool = openPool(MODELS[0]!, { directory });
    await feed(pool, 'a', 1);
    let isPaused = () => {};
    const paused = new Promise<void>((resolve) => {
      isPaused = resolve;
    });
    const replacing = pool.replaceModel(MODELS[1]!, { prepare: () => isPaused() });
    await paused;
    await undefined;
    const asked = [2, 3, 4].map(async (number) => answers.push([number, (await feed(pool, 'a', number)).sequence]));
    await Promise.all([replacing, ...asked]);
    // Its first net begins anew: what the other had learned is kept aside.
    expect(answers).toEqual([
      [2, 1],
      [3, 2],
      [4, 3],
    ]);
  });

  it('goes on with what the former one had learned where that is asked', async () => {
    const pool = openPool(MODELS[0]!, { directory, onNewModel: 'rebase' });
    for (let k = 1; k <= 6; k++) await feed(pool, 'a', k);
    await pool.replaceModel(modelOf(1, ['level'], { warmUp: 5 }));
    expect((await feed(pool, 'a', 7)).sequence).toBe(7);
  });

  it('takes its place when that is final, which is asked once all is saved and closed', async () => {
    const pool = openPool(MODELS[0]!, { directory, capacity: 2, saveEverySeconds: 1e6 });
    for (const key of ['rests', 'a', 'b']) await feed(pool, key, 1);
    await expect.poll(() => pool.resting).toBe(1);
    const { digest: former } = pool;
    const asked: string[] = [];
    const replacing = pool.replaceModel(MODELS[1]!, {
      async commit() {
        asked.push('commit');
        expect(pool.counters).toMatchObject({ open: 0, resting: 0 });
        expect(pool.digest).toBe(former);
        for (const key of ['rests', 'a', 'b']) {
          const { state } = (await Store.peek(join(directory, key), { baseDigest: former }))!;
          expect(readingsIn(state)).toBe(1);
        }
        await nextTurn();
        asked.push('committed');
      },
    });
    await expect.poll(() => asked).toContain('commit');
    await feed(pool, 'a', 2).then(({ sequence }) => asked.push(`reading ${sequence}`));
    await replacing;
    expect(asked).toEqual(['commit', 'committed', 'reading 1']);
  });

  it.each([
    ['a store', true],
    ['memory alone', false],
  ])('leaves the former one and all it has learned where it does not become final, with %s', async (_, hasStore) => {
    const asked: string[] = [];
    const pool = openPool(MODELS[0]!, { ...(hasStore && { directory }) });
    for (const key of ['a', 'b']) await feed(pool, key, 1);
    const onNewModel: CarryOver = async (net) => void asked.push(net);
    const commit = () => Promise.reject(new Error('no power'));
    await expect(pool.replaceModel(MODELS[1]!, { commit, onNewModel })).rejects.toThrow('no power');
    for (const key of ['a', 'b']) expect((await feed(pool, key, 2)).sequence).toBe(2);
    await pool.replaceModel(MODELS[1]!);
    expect((await feed(pool, 'a', 3)).sequence).toBe(1);
    expect(asked).toEqual([]);
  });

  it('is the same one: its nets run on, and what else is asked is done', async () => {
    const pool = openPool(MODELS[0]!);
    await feed(pool, 'a', 1);
    const first = await pool.use('a', (kept) => kept);
    let commits = 0;
    await pool.replaceModel(MODELS[0]!, { commit: () => void commits++ });
    await expect(pool.replaceModel(MODELS[0]!, { commit: () => Promise.reject(Error('no')) })).rejects.toThrow('no');
    expect(commits).toBe(1);
    expect(await pool.use('a', (kept) => kept)).toBe(first);
    expect((await feed(pool, 'a', 2)).sequence).toBe(2);
  });

  describe('with a function that carries over what was learned', () => {
    /** Counts whom it is asked about, and takes over what means the same: all, since only monitors differ. */
    const carrier = (target: Uint8Array) => {
      const asked: string[] = [];
      const onNewModel: CarryOver = async (net, { digest, state }) => {
        asked.push(`${net} ${digest}`);
        await nextTurn();
        return rebaseSessionState(state, readNetModel(target));
      };
      return { asked, onNewModel };
    };
    const [former, next] = [modelOf(1), modelOf(1, ['level'], { warmUp: 5 })];
    const { digest } = readNetModel(former);

    it('asks it once for each net, also for one that is opened later, and at no later start', async () => {
      const { asked, onNewModel } = carrier(next);
      const pool = openPool(former, { directory });
      for (const key of ['a', 'b', 'later']) for (let k = 1; k <= 6; k++) await feed(pool, key, k);
      await pool.replaceModel(next, { onNewModel });
      for (const key of ['a', 'b', 'a', 'new']) await feed(pool, key, 7);
      expect(asked).toEqual([`a ${digest}`, `b ${digest}`]);
      await pool.close();
      const again = openPool(next, { directory, onNewModel });
      expect((await feed(again, 'a', 8)).sequence).toBe(9);
      expect((await feed(again, 'later', 7)).sequence).toBe(7);
      expect((await feed(again, 'new', 8)).sequence).toBe(2);
      expect(asked.slice(2)).toEqual([`later ${digest}`]);
    });

    it('does so from then on, and no longer when another way is asked for', async () => {
      const { asked, onNewModel } = carrier(next);
      const pool = openPool(former, { directory, onNewModel: 'keep' });
      await feed(pool, 'a', 1);
      await pool.replaceModel(next, { onNewModel });
      expect((await feed(pool, 'a', 2)).sequence).toBe(2);
      await pool.replaceModel(MODELS[1]!);
      await feed(pool, 'a', 3);
      expect(asked).toHaveLength(2);
      await pool.replaceModel(MODELS[2]!, { onNewModel: 'keep' });
      expect((await feed(pool, 'a', 4)).sequence).toBe(1);
      expect(asked).toHaveLength(2);
    });

    it('returns to what the former one had learned, and takes along what was learned since where it is asked', async () => {
      const back = async (onNewModel: 'keep' | CarryOver, folder: string) => {
        const pool = openPool(former, { directory: join(directory, folder) });
        for (let k = 1; k <= 6; k++) await feed(pool, 'a', k);
        await pool.replaceModel(next, { onNewModel: carrier(next).onNewModel });
        for (let k = 7; k <= 10; k++) await feed(pool, 'a', k);
        await pool.replaceModel(former, { onNewModel });
        return (await feed(pool, 'a', 11)).sequence;
      };
      expect(await back('keep', 'kept')).toBe(7);
      const { asked, onNewModel } = carrier(former);
      expect(await back(onNewModel, 'carried')).toBe(11);
      expect(asked).toEqual([`a ${readNetModel(next).digest}`]);
      expect(await back(async () => undefined, 'nothing')).toBe(7);
    });
  });

  it('saves nets that rest, too', async () => {
    const pool = openPool(MODELS[0]!, { directory, capacity: 1, saveEverySeconds: 1e6 });
    await feed(pool, 'a', 1);
    await feed(pool, 'b', 1);
    await expect.poll(() => pool.resting).toBe(1);
    await pool.replaceModel(MODELS[1]!);
    expect(pool.counters).toMatchObject({ open: 0, resting: 0 });
    await pool.close();
    expect(await takenBy(MODELS[0]!, ['a', 'b'])).toBe(2);
  });

  it('is refused while what a net has learned cannot be saved, and the former one runs on with it', async () => {
    const pool = openPool(MODELS[0]!, { directory, capacity: 2, saveEverySeconds: 1e6 });
    for (const key of ['rests', 'a', 'b']) await feed(pool, key, 1);
    await expect.poll(() => pool.resting).toBe(1);
    const first = await pool.use('a', (kept) => kept);
    for (const [key, number] of [
      ['rests', 2],
      ['a', 3],
    ] as const) {
      expect((await feed(pool, 'a', number)).sequence).toBe(number);
      await rename(join(directory, key), join(directory, 'gone'));
      await expect(pool.replaceModel(MODELS[1]!)).rejects.toMatchObject({ code: 'store' });
      await rename(join(directory, 'gone'), join(directory, key));
      expect(await pool.use('a', (kept) => kept)).toBe(first);
    }
    await pool.replaceModel(MODELS[1]!);
    expect((await feed(pool, 'a', 4)).sequence).toBe(1);
    await pool.close();
    expect(await takenBy(MODELS[0]!, ['rests', 'a', 'b'])).toBe(5);
  });

  it('begins anew where there is no store', async () => {
    const pool = openPool(MODELS[0]!);
    await feed(pool, 'a', 1);
    await pool.replaceModel(MODELS[1]!);
    expect((await feed(pool, 'a', 2)).sequence).toBe(1);
  });

  describe('of nets whose weights are no numbers', () => {
    /** A net that learns without bounds when it is told to, and the same with a monitor that warms up longer. */
    const boundless = (warmUp: number) => {
      const model = nextReadingModel({
        channels: [{ name: 'level', unit: 'm' }],
        neurons: 5,
        rangeWarmUp: 4,
        monitor: { warmUp },
      });
      const [[name, [rule]]] = [...model.learning] as unknown as [[string, [LearningDeclaration]]];
      const swelling = { ...rule, parameters: { ...rule.parameters, learningRate: 1e300 } };
      return { name, bytes: writeModel({ ...model, learning: new Map([[name, [swelling]]]) }) };
    };
    const { name, bytes } = boundless(4);

    async function feedSoundly(pool: NetPool, key: string, count: number): Promise<Float64Array> {
      return pool.use(key, async (kept) => {
        for (let k = 0; k < count; k++) {
          const { sequence } = kept.session;
          await kept.feed({ time: sequence + 1, values: Float64Array.of(sequence % 3) });
        }
        return weightsOf(kept);
      });
    }
    const networkOf = ({ session }: KeptSession) => (session.executor as InProcessExecutor).network;
    const weightsOf = (kept: KeptSession) => networkOf(kept).readWeights(name);
    const teach = (pool: NetPool, key: string, signals: readonly number[]) =>
      pool.use(key, (kept) => {
        const network = networkOf(kept);
        network.learning = true;
        for (const signal of signals) network.teach(name, [signal]);
        network.learning = false;
        return weightsOf(kept).every(Number.isFinite);
      });
    const spoil = (pool: NetPool, key: string) => teach(pool, key, [1e9, 1e9, -1e9, -1e9]);
    const openSpoilt = () => {
      const lines: string[] = [];
      const options = { directory, onNewModel: 'rebase', saveEverySeconds: 1e6, learning: false } as const;
      return { pool: openPool(bytes, { ...options, warn: (line) => lines.push(line) }), lines };
    };
    const notFinite = `state "learned/${name}": has NaN at 0; expected a finite number`;

    it('takes over what was sound, of what they had learned as well', async () => {
      const { pool, lines } = openSpoilt();
      await feedSoundly(pool, 'a', 20);
      expect(await teach(pool, 'a', [1e-300])).toBe(true);
      const learned = await pool.use('a', async (kept) => {
        await kept.save();
        return weightsOf(kept);
      });
      expect(learned).not.toEqual(await feedSoundly(pool, 'other', 9));
      await feedSoundly(pool, 'a', 3);
      expect(await spoil(pool, 'a')).toBe(false);
      await pool.replaceModel(boundless(5).bytes);
      expect(lines.filter((line) => line.startsWith('net "a": '))).toEqual([
        expect.stringMatching(/^net "a": state .*; what its state \d+ had learned is saved instead$/),
      ]);
      expect(lines.find((line) => line.includes('saved instead'))).toContain(notFinite);
      expect(await pool.use('a', weightsOf)).toEqual(learned);
      for (const [key, readings] of [
        ['a', 23],
        ['other', 9],
      ] as const)
        expect(await pool.use(key, ({ session }) => session.sequence)).toBe(readings);
    });

    it('begins with the weights of the model where they were never saved', async () => {
      const { pool, lines } = openSpoilt();
      const weights = await feedSoundly(pool, 'a', 20);
      await spoil(pool, 'a');
      await pool.replaceModel(boundless(5).bytes);
      expect(lines).toContain(`net "a": ${notFinite}; what its model knows is saved instead`);
      expect(await pool.use('a', weightsOf)).toEqual(weights);
      expect(await pool.use('a', ({ session }) => session.sequence)).toBe(20);
    });

    it('is refused all the same while another net cannot be saved, and nothing has changed', async () => {
      const { pool } = openSpoilt();
      for (const key of ['a', 'b']) await feedSoundly(pool, key, 5);
      await spoil(pool, 'a');
      await rename(join(directory, 'b'), join(directory, 'gone'));
      await expect(pool.replaceModel(boundless(5).bytes)).rejects.toThrow(/^store .*b: /);
      await rename(join(directory, 'gone'), join(directory, 'b'));
      expect(Number.isFinite((await pool.use('a', weightsOf))[0])).toBe(false);
      await pool.replaceModel(boundless(5).bytes);
    });
  });

  it('has room for fewer nets where they are taught and keep lessons, also before the first is open', () => {
    const taught = writeModel(classifierModel({ channels: [{ name: 'level', unit: 'm' }], neurons: 5 }));
    const mostOpen = (model: Uint8Array, keepLessons: boolean) =>
      openPool(model, { memory: 1e7, keepLessons }).mostOpen;
    expect(mostOpen(taught, true)).toBeLessThan(mostOpen(taught, false));
    expect(mostOpen(taught, true)).toBeLessThanOrEqual(Math.floor(1e7 / 262_144));
    expect(mostOpen(MODELS[0]!, true)).toBe(mostOpen(MODELS[0]!, false));
  });

  it('has its own shape, and memory for as many nets as it needs', async () => {
    const pool = openPool(MODELS[0]!, { memory: 1e6 });
    await feed(pool, 'a', 1);
    const before = pool.mostOpen;
    const two = modelOf(1, ['level', 'flow']);
    await pool.replaceModel(two);
    expect(pool.shape).toMatchObject({ channels: 2, outputs: 2 });
    expect(pool.model.channels.map(({ name }) => name)).toEqual(['level', 'flow']);
    await expect(feed(pool, 'a', 2)).rejects.toMatchObject({ code: 'input' });
    expect(pool.mostOpen).toBeLessThan(before);
  });

  it.each([
    ['is not a model', async (pool: NetPool) => pool.replaceModel(Uint8Array.of(1, 2, 3))],
    ['needs more memory', async (pool: NetPool) => pool.replaceModel(modelOf(1, Array.from({ length: 99 }, String)))],
    [
      'does not suit',
      async (pool: NetPool) => pool.replaceModel(MODELS[1]!, { prepare: () => Promise.reject(Error('no')) }),
    ],
  ])('is refused where it %s, and the former one runs on', async (_, replace) => {
    const pool = openPool(MODELS[0]!, { directory, memory: 1e6 });
    const first = await pool.use('a', (kept) => kept);
    await feed(pool, 'a', 1);
    await expect(replace(pool)).rejects.toThrow();
    expect(await pool.use('a', (kept) => kept)).toBe(first);
    expect((await feed(pool, 'a', 2)).sequence).toBe(2);
  });

  it('is not waited for once all is closed', async () => {
    const pool = openPool(MODELS[0]!, { directory });
    await feed(pool, 'a', 1);
    const asked = [pool.replaceModel(MODELS[1]!), pool.replaceModel(MODELS[2]!)];
    const results = Promise.allSettled(asked);
    await nextTurn();
    await pool.close();
    await results;
    await expect(feed(pool, 'a', 2)).rejects.toMatchObject({ code: 'unsupported' });
    await expect(pool.replaceModel(MODELS[1]!)).rejects.toMatchObject({ code: 'unsupported' });
    const stored = (await takenBy(MODELS[0]!, ['a'])) + (await takenBy(MODELS[1]!, ['a']));
    expect(stored).toBe(1);
  });
});
