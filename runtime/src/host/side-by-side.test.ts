import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { referenceEngine } from '@spikewire/engine';
import type { ExecutorSource } from '@spikewire/engine/executor';
import { InProcessExecutor, inProcess } from '@spikewire/engine/executor';
import { classifierModel, nextReadingModel, writeModel } from '@spikewire/models';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { KeptSession } from '../session/kept/kept-session.ts';
import { readNetModel } from '../session/net-model.ts';
import type { Outcome } from '../session/outcome.ts';
import { NetPool } from '../session/pool/net-pool.ts';
import { Session } from '../session/session.ts';
import { readingsIn } from '../session/session-state.ts';
import { Host } from './host.ts';
import type { JudgedAnswers, PairedAnswers } from './hosted-model.ts';

const channels = [{ name: 'level', unit: 'm' }];
const predicting = (seed: number, neurons = 5) =>
  writeModel(nextReadingModel({ channels, neurons, rangeWarmUp: 4, seed, monitor: { warmUp: 4 } }));
const classifying = (seed: number) =>
  writeModel(
    classifierModel({
      channels,
      labels: ['low', 'high'],
      standardise: { mean: 0, deviation: 1 },
      running: false,
      seed,
    }),
  );
const reading = (k: number) => ({ time: k, values: Float64Array.of(Math.sin(k)) });

let host: Host;
afterEach(() => host.close());

/** Something to wait for until the test lets it go on. */
function barrier() {
  let goOn = () => {};
  const passed = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  return { passed, goOn };
}

/** A source that counts windows, by executor in the order in which they were opened. */
function countingSource(slow = async () => {}): ExecutorSource & { readonly runs: number[] } {
  const inner = inProcess(referenceEngine);
  const runs: number[] = [];
  return {
    ...{ name: inner.name, abilities: inner.abilities, runs },
    async open(...args) {
      const executor = await inner.open(...args);
      const which = runs.push(0) - 1;
      const run = executor.run.bind(executor);
      executor.run = async (request) => {
        if (request.steps > 0) runs[which]!++;
        if (which > 1) await slow();
        return run(request);
      };
      return executor;
    },
    close: async () => {},
  };
}

/** What a net of a model says of these readings when it is alone. */
async function alone(bytes: Uint8Array, readings: readonly ReturnType<typeof reading>[]): Promise<Outcome[]> {
  const kept = await KeptSession.open(bytes, inProcess(referenceEngine), { seed: 1 });
  const outcomes = [];
  for (const each of readings) outcomes.push(await kept.feed(each));
  await kept.close();
  return outcomes;
}

async function watchedReadings(count: number): Promise<void> {
  await expect.poll(() => host.comparison!.readings, { timeout: 10_000 }).toBe(count);
}

describe('a model beside the one that answers', () => {
  it('gets each reading once, and changes nothing of the answers', async () => {
    const source = countingSource();
    host = await Host.open({ bytes: predicting(1) }, { net: '', seed: 1 }, { source });
    await host.watch([{ bytes: predicting(2, 9) }]);
    const readings = Array.from({ length: 40 }, (_, k) => reading(k + 1));
    const answers = [];
    for (const each of readings) answers.push(await host.desk.feed('', each));
    await watchedReadings(40);
    const [one, other] = [await alone(predicting(1), readings), await alone(predicting(2, 9), readings)];
    expect(answers.map(({ result }) => result)).toEqual(one.map(({ result }) => result));
    const flagged = (outcomes: Outcome[]) => outcomes.filter(({ verdict }) => verdict?.anomaly).length;
    expect(host.comparison).toMatchObject({ leftOut: 0, refused: 0, problem: null });
    expect(host.comparison!.answering.flagged).toBe(flagged(one));
    expect(host.comparison!.watched.flagged).toBe(flagged(other));
    // No window more than two nets by themselves, beside the one that was tried.
    const windows = (outcomes: Outcome[]) => outcomes.filter(({ window }) => window !== undefined).length;
    expect(source.runs.filter((runs) => runs > 0)).toEqual([windows(one), windows(other)]);
  });

  it('keeps up in this thread with readings that come without a pause', async () => {
    host = await Host.open({ bytes: predicting(1) }, { device: 'reference', threads: 0, net: '' });
    await host.watch([{ bytes: predicting(2) }]);
    let furthestBehind = 0;
    for (let k = 1; k <= 3000; k++) {
      await host.desk.feed('', reading(k));
      furthestBehind = Math.max(furthestBehind, k - host.comparison!.readings);
    }
    await watchedReadings(3000);
    expect(host.comparison).toMatchObject({ leftOut: 0, refused: 0 });
    // No more than wait while the net is opened.
    expect(furthestBehind).toBeLessThan(50);
  });

  it('takes the memory of its own net', async () => {
    host = await Host.open({ bytes: predicting(1) }, { device: 'reference', threads: 0, net: '' });
    await host.watch([{ bytes: predicting(2, 50) }]);
    for (let k = 1; k <= 10; k++) await host.desk.feed('', reading(k));
    await watchedReadings(10);
    const bytesOf = async (bytes: Uint8Array) => {
      const kept = await KeptSession.open(bytes, inProcess(referenceEngine));
      await kept.feed(reading(1));
      const { session } = kept;
      await kept.close();
      return session.bytes;
    };
    const { answering, watched } = host.comparison!;
    expect(answering.bytes).toBe(await bytesOf(predicting(1)));
    expect(watched.bytes).toBe(await bytesOf(predicting(2, 50)));
  });

  it('is judged with the other by each label, and learns from it', async () => {
    host = await Host.open({ bytes: classifying(1) }, { device: 'reference', threads: 0, net: '' });
    const said: (string | undefined)[] = [];
    const labelled = async (from: number, to: number) => {
      for (let k = from; k < to; k++) {
        const high = k % 2 === 0;
        const { result } = await host.desk.feed('', { time: k, values: Float64Array.of(high ? 1.5 : -1.5) });
        said.push(typeof result === 'string' ? result : undefined);
        await host.desk.teach('', { kind: 'label', label: high ? 'high' : 'low', time: undefined });
      }
    };
    await labelled(0, 10);
    await host.watch([{ bytes: classifying(1) }]);
    said.length = 0;
    await labelled(10, 40);
    await watchedReadings(30);
    await host.watch([]).then(() => expect(host.comparison).toBeUndefined());
    // The first knew the classes already; the second has learned them by the end.
    await host.watch([{ bytes: classifying(1) }]);
    await labelled(40, 80);
    await watchedReadings(40);
    await nextTurn();
    const { answering, watched, classes, agreed } = host.comparison!;
    const truth = Array.from({ length: 40 }, (_, k) => (k % 2 === 0 ? 'high' : 'low'));
    const right = said.slice(-40).filter((word, k) => word === truth[k]).length;
    expect(answering.right).toBe(right);
    expect(answering.right + answering.wrong).toBe(40);
    expect(watched.right).toBeGreaterThan(30);
    expect(watched.right).toBeLessThan(40);
    expect(agreed).toBeLessThanOrEqual(classes);
    expect(agreed).toBeGreaterThan(30);
  });

  it('harms nobody where it is too slow or refuses', async () => {
    const { passed, goOn } = barrier();
    const source = countingSource(() => passed);
    host = await Host.open({ bytes: predicting(1) }, { net: '' }, { source });
    await host.watch([{ bytes: predicting(2) }]);
    for (let k = 1; k <= 1100; k++) await host.desk.feed('', reading(k));
    // Readings of the warm-up need no window.
    const { leftOut, readings } = host.comparison!;
    expect(leftOut).toBe(1100 - 1024 - readings);
    goOn();
    await watchedReadings(1024 + readings);
    expect((await host.desk.feed('', reading(1101))).sequence).toBe(1101);
  });

  it('is not waited for at the end: what was learned is saved first, and what waits is left out', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'spikewire-beside-'));
    const { passed, goOn } = barrier();
    const source = countingSource(() => passed);
    host = await Host.open({ bytes: predicting(1) }, { net: '', store: { directory: folder } }, { source });
    await host.watch([{ bytes: predicting(2) }]);
    for (let k = 1; k <= 100; k++) await host.desk.feed('', reading(k));
    await expect.poll(() => source.runs[2]).toBe(1);
    const closing = host.close();
    try {
      const stored = async () => {
        const pool = new NetPool(predicting(1), inProcess(referenceEngine), { directory: folder });
        const sequence = await pool.use('', ({ session }) => session.sequence).catch(() => undefined); // in use
        await pool.close();
        return sequence;
      };
      await expect.poll(stored).toBe(100);
    } finally {
      goOn();
      await closing;
      await rm(folder, { recursive: true });
    }
    expect(source.runs[2]).toBe(1);
    const { readings, leftOut, refused } = host.comparison!;
    expect({ taken: readings + leftOut, refused }).toEqual({ taken: 100, refused: 0 });
  });

  it('is refused where it takes other readings or is none, and the one that answers runs on', async () => {
    host = await Host.open({ bytes: predicting(1) }, { device: 'reference', threads: 0, net: '' });
    const two = [...channels, { name: 'flow', unit: 'l' }];
    const wide = writeModel(nextReadingModel({ channels: two, neurons: 5, rangeWarmUp: 4 }));
    await expect(host.watch([{ bytes: wide }])).rejects.toMatchObject({ code: 'usage' });
    await expect(host.watch([{ bytes: Uint8Array.of(1), name: 'x.spike' }])).rejects.toThrow(/^x\.spike: /);
    expect(host.comparison).toBeUndefined();
    expect((await host.desk.feed('', reading(1))).sequence).toBe(1);
  });

  it('is compared anew with one that takes the place of the other', async () => {
    host = await Host.open({ bytes: predicting(1) }, { device: 'reference', threads: 0, net: '' });
    await host.watch([{ bytes: predicting(2) }]);
    for (let k = 1; k <= 10; k++) await host.desk.feed('', reading(k));
    await watchedReadings(10);
    await host.replaceModel({ bytes: predicting(3) });
    expect(host.comparison!.readings).toBe(0);
    await host.desk.feed('', reading(11));
    await watchedReadings(1);
  });

  it('is not compared by readings of the other that still wait when it is replaced', async () => {
    const { passed, goOn } = barrier();
    const source = countingSource(() => passed);
    host = await Host.open({ bytes: predicting(1) }, { net: '', seed: 1 }, { source });
    await host.watch([{ bytes: predicting(2) }]);
    const readings = Array.from({ length: 30 }, (_, k) => reading(k + 1));
    for (const each of readings) await host.desk.feed('', each);
    await host.replaceModel({ bytes: predicting(3) });
    goOn();
    await host.desk.feed('', reading(31));
    const outcomes = await alone(predicting(2), [...readings, reading(31)]);
    const windows = outcomes.filter(({ window }) => window !== undefined).length;
    await expect.poll(() => source.runs[2]).toBe(windows);
    await expect.poll(() => host.comparison!.readings).toBeGreaterThan(0);
    expect(host.comparison).toMatchObject({ readings: 1, leftOut: 0, refused: 0 });
    expect(host.comparison!.watched.microseconds).toBeGreaterThan(0);
  });

  it('is one of several, each with readings, figures and memory of its own', async () => {
    const configuration = { device: 'reference', threads: 0, net: '', memory: 4e6 };
    host = await Host.open({ bytes: predicting(1) }, configuration);
    const [one, other] = await host.watch([{ bytes: predicting(1) }, { bytes: predicting(2, 9), memory: 3e6 }]);
    const readings = Array.from({ length: 40 }, (_, k) => reading(k + 1));
    for (const each of readings) await host.desk.feed('', each);
    for (const watched of [one!, other!]) await expect.poll(() => watched.comparison.readings).toBe(40);
    const spikes = (outcomes: Outcome[]) => outcomes.reduce((sum, outcome) => sum + outcome.spikes, 0);
    const [first, second] = [await alone(predicting(1), readings), await alone(predicting(2, 9), readings)];
    expect(spikes(first)).toBeGreaterThan(0);
    expect(one!.comparison).toMatchObject({ watched: { spikes: spikes(first) }, answering: { spikes: spikes(first) } });
    expect(other!.comparison).toMatchObject({
      watched: { spikes: spikes(second) },
      answering: { spikes: spikes(first) },
    });
    expect(other!.comparison.watched.bytes).toBeGreaterThan(one!.comparison.watched.bytes);
    expect(host.comparison).toEqual(one!.comparison);
    expect(other!.model.memory).toBe(3e6);
  });

  it('is refused with all others where one does not fit into its memory, and the one that answers runs on', async () => {
    host = await Host.open({ bytes: predicting(1) }, { device: 'reference', threads: 0, net: '' });
    const large = { bytes: predicting(2, 50), name: 'large.spike' };
    const watching = host.watch([{ bytes: predicting(2) }, { ...large, memory: 1e4 }]);
    await expect(watching).rejects.toMatchObject({ code: 'budget', where: expect.stringContaining('large.spike') });
    expect(host.comparison).toBeUndefined();
    expect((await host.desk.feed('', reading(1))).sequence).toBe(1);
    expect(await host.watch([large])).toHaveLength(1);
  });

  it('begins with the state of the answering net where that is asked, and is the same from then on', async () => {
    const act = fc.oneof(
      { weight: 6, arbitrary: fc.constant('reading' as const) },
      { weight: 2, arbitrary: fc.constant('label' as const) },
      { weight: 2, arbitrary: fc.constant('turn' as const) },
    );
    await fc.assert(
      fc.asyncProperty(fc.nat(20), fc.array(act, { minLength: 3, maxLength: 40 }), async (before, acts) => {
        host = await Host.open({ bytes: classifying(1) }, { device: 'reference', threads: 0, net: '' });
        let time = 0;
        const feed = () => host.desk.feed('', { time: ++time, values: Float64Array.of(time % 2 ? 1.5 : -1.5) });
        const teach = () =>
          host.desk.teach('', { kind: 'label', label: time % 2 ? 'high' : 'low', time: undefined }).then(() => {});
        for (let k = 0; k < before; k++) await feed().then(teach);
        let starts = 0;
        const startState = async (_: string, state: Uint8Array | undefined) => {
          starts++;
          await nextTurn();
          return state;
        };
        const [watched] = await host.watch([{ bytes: classifying(1), startState }]);
        expect(await watched!.stateOf('')).toBeUndefined();
        const asked: Promise<unknown>[] = [feed()];
        for (const each of acts) {
          if (each === 'turn') await nextTurn();
          else asked.push(each === 'reading' ? feed() : teach());
        }
        await Promise.all(asked);
        const own = await host.pool.use('', ({ session }) => session.save());
        expect(Buffer.compare((await watched!.stateOf(''))!, own)).toBe(0);
        expect(starts).toBe(1);
        expect(watched!.comparison).toMatchObject({ refused: 0, leftOut: 0 });
        const { classes, agreed } = watched!.comparison;
        expect(agreed).toBe(classes);
        await host.close();
        expect(await watched!.stateOf('')).toBeUndefined();
      }),
      { numRuns: 30 },
    );
  }, 60_000);

  it('takes each reading again once another model answers, whose readings are counted anew', async () => {
    host = await Host.open({ bytes: predicting(1) }, { device: 'reference', threads: 0, net: '' });
    for (let k = 1; k <= 5; k++) await host.desk.feed('', reading(k));
    const [watched] = await host.watch([{ bytes: predicting(1), startState: async (_, state) => state }]);
    await host.desk.feed('', reading(6));
    expect(readingsIn((await watched!.stateOf(''))!)).toBe(6);
    await host.replaceModel({ bytes: predicting(2) });
    for (let k = 7; k <= 9; k++) await host.desk.feed('', reading(k));
    await watchedReadings(3);
    expect(readingsIn((await watched!.stateOf(''))!)).toBe(9);
  });

  it('begins with the model where it gets no state, and takes each reading then', async () => {
    host = await Host.open({ bytes: predicting(1) }, { device: 'reference', threads: 0, net: '' });
    for (let k = 1; k <= 5; k++) await host.desk.feed('', reading(k));
    const given: (number | undefined)[] = [];
    const startState = async (net: string, state: Uint8Array | undefined) => {
      given.push(net === '' && state !== undefined ? readingsIn(state) : undefined);
      return undefined;
    };
    await host.watch([{ bytes: predicting(2), startState }]);
    for (let k = 6; k <= 15; k++) await host.desk.feed('', reading(k));
    await watchedReadings(10);
    expect(given).toEqual([6]);
  });

  it('is paired with the other reading by reading, and judged once by each label, also by one that comes late', async () => {
    host = await Host.open({ bytes: classifying(1) }, { device: 'reference', threads: 0, net: '' });
    const feed = (k: number, value: number) => host.desk.feed('', { time: k, values: Float64Array.of(value) });
    const teach = (label: string, time: number) => host.desk.teach('', { kind: 'label', label, time });
    for (let k = 1; k <= 40; k++) {
      await feed(k, k % 2 ? 1.5 : -1.5);
      await teach(k % 2 ? 'high' : 'low', k);
    }
    const paired: (PairedAnswers & { values: Float64Array })[] = [];
    const judged: JudgedAnswers[] = [];
    // It learns the other way round: what the first calls high is low to it.
    const swapped = writeModel(
      classifierModel({
        ...{ channels, labels: ['low', 'high'], standardise: { mean: 0, deviation: 1 }, running: false, seed: 1 },
      }),
    );
    const former = await KeptSession.open(swapped, inProcess(referenceEngine), { seed: 1 });
    for (let k = 1; k <= 40; k++) {
      await former.feed({ time: k, values: Float64Array.of(k % 2 ? 1.5 : -1.5) });
      await former.teach({ kind: 'label', label: k % 2 ? 'low' : 'high', time: k });
    }
    const state = await former.session.save();
    await former.close();
    const [watched] = await host.watch([
      {
        bytes: swapped,
        startState: async () => state,
        paired: (answers) => paired.push(answers),
        judged: (answers) => judged.push(answers),
      },
    ]);
    const sure = new Map<number, number>();
    host.desk.observe((_, __, { time, confidence }) => void sure.set(time, confidence!));
    for (let k = 41; k <= 140; k++) await feed(k, k % 2 ? 1.5 : -1.5);
    await expect.poll(() => paired.at(-1)?.time).toBe(140);
    const { classes, agreed } = watched!.comparison;
    expect(paired).toHaveLength(classes);
    expect(paired.filter((pair) => pair.old === pair.new)).toHaveLength(agreed);
    expect(agreed).toBe(0);
    const about = (k: number) => paired.find(({ time }) => time === k)!;
    expect(about(100)).toEqual({ net: '', time: 100, values: Float64Array.of(-1.5), old: 'low', new: 'high' });
    // 100 is forgotten by both nets, and 50 by all.
    for (const k of [140, 100, 100, 50, 101.5]) await teach('low', k);
    await expect.poll(() => judged).toHaveLength(2);
    const common = { net: '', old: 'low', new: 'high', label: 'low' };
    // The answering net says how sure it is at that reading; the other knows as much, of the other side.
    expect(judged).toEqual(
      [140, 100].map((time) => ({
        ...common,
        time,
        confidence: { old: sure.get(time), new: expect.closeTo(sure.get(time)!, 6) },
      })),
    );
    expect(watched!.comparison).toMatchObject({ answering: { right: 2, wrong: 0 }, watched: { right: 0, wrong: 2 } });
  });

  it('hands its state over to the model that takes the place of the other', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'spikewire-beside-'));
    try {
      const configuration = { device: 'reference', threads: 0, net: '', store: { directory: folder } };
      host = await Host.open({ bytes: predicting(1) }, configuration);
      for (let k = 1; k <= 5; k++) await host.desk.feed('', reading(k));
      const [watched] = await host.watch([{ bytes: predicting(2) }]);
      for (let k = 6; k <= 15; k++) await host.desk.feed('', reading(k));
      const order: string[] = [];
      await host.replaceModel(
        { bytes: predicting(2) },
        {
          prepare: () => void order.push('prepare'),
          commit: () => void order.push('commit'),
          onNewModel: async (net) => {
            order.push('carry');
            return watched!.stateOf(net);
          },
        },
      );
      expect((await host.desk.feed('', reading(16))).sequence).toBe(11);
      expect(order).toEqual(['prepare', 'commit', 'carry']);
      // At a start, who surrounds the host says what is carried over.
      await host.close();
      const onNewModel = async () => undefined;
      host = await Host.open({ bytes: predicting(3) }, configuration, { onNewModel });
      expect((await host.desk.feed('', reading(17))).sequence).toBe(1);
    } finally {
      await host.close();
      await rm(folder, { recursive: true });
    }
  });

  it('is said with a replaced model only as long as it is watched', async () => {
    const said: string[] = [];
    const besides = () => said.splice(0).filter((line) => line.startsWith('beside: '));
    const say = (line: string) => said.push(line);
    host = await Host.open({ bytes: predicting(1) }, { device: 'reference', threads: 0, net: '' }, { say });
    await host.watch([{ bytes: predicting(2), name: 'second.spike' }]);
    await host.replaceModel({ bytes: predicting(3) });
    expect(besides()).toEqual([expect.stringMatching(/^beside: second\.spike /)]);
    await expect(host.watch([{ bytes: Uint8Array.of(1) }])).rejects.toThrow();
    await host.replaceModel({ bytes: predicting(1) });
    expect(besides()).toEqual([]);
    await host.watch([{ bytes: predicting(2) }]);
    await host.watch([]);
    await host.replaceModel({ bytes: predicting(3) });
    expect(besides()).toEqual([]);
  });
});

describe('a watched net that begins with the state of the answering one', () => {
  const model = classifying(1);
  const openHost = () => Host.open({ bytes: model }, { net: '', device: 'reference', threads: 0 });
  const watched = { bytes: model, startState: async (_: string, state?: Uint8Array) => state };
  const label = (k: number) => ({ kind: 'label', label: k % 2 === 0 ? 'low' : 'high', time: k }) as const;
  const labelsIn = async (state: Uint8Array | undefined) => {
    const { model: net } = readNetModel(model);
    const session = new Session(net, new InProcessExecutor(referenceEngine, net));
    await session.restore(state!);
    return session.taught!.figures.labels;
  };
  const expectSameLabels = async (beside: { stateOf(net: string): Promise<Uint8Array | undefined> }) => {
    const answering = await host.pool.use('', ({ session }) => session.save());
    expect(await labelsIn(await beside.stateOf(''))).toBe(await labelsIn(answering));
  };

  it('has each lesson once, also those that come while it begins', async () => {
    for (let turns = 0; turns < 12; turns++) {
      host = await openHost();
      await host.desk.feed('', reading(0));
      await host.desk.teach('', label(0));
      const [beside] = await host.watch([watched]);
      const asked: Promise<unknown>[] = [host.desk.feed('', reading(1))];
      for (let k = 2; k < 30; k++) {
        for (let turn = 0; turn < turns; turn++) await undefined;
        asked.push(host.desk.teach('', label(1)), host.desk.teach('', label(1)), host.desk.feed('', reading(k)));
        if (k % 4 === 0) await nextTurn();
      }
      await Promise.all(asked);
      await expectSameLabels(beside!);
      await host.close();
    }
  });

  it('has what was learned before, where the first that it gets is a lesson', async () => {
    host = await openHost();
    for (let k = 0; k < 10; k++) {
      await host.desk.feed('', reading(k));
      await host.desk.teach('', label(k));
    }
    const [beside] = await host.watch([watched]);
    await host.desk.teach('', label(9));
    await host.desk.feed('', reading(10));
    await host.desk.teach('', label(10));
    await expectSameLabels(beside!);
  });

  it('says where it lacks a lesson', async () => {
    host = await openHost();
    await host.desk.feed('', reading(0));
    const anew = { bytes: model, startState: async () => undefined };
    const [beside] = await host.watch([anew]);
    await host.desk.feed('', reading(1));
    await host.desk.teach('', label(1));
    await beside!.stateOf('');
    expect(beside!.lacksLessons('')).toBe(false);
    await host.desk.teach('', label(0)); // about a reading that came before
    await beside!.stateOf('');
    expect(beside!.lacksLessons('')).toBe(true);
  });
});
