import { clockedEngine, referenceEngine } from '@spikewire/engine';
import type { Executor } from '@spikewire/engine/executor';
import { InProcessExecutor } from '@spikewire/engine/executor';
import {
  type Model,
  modelDigest,
  nextReadingModel,
  RandomGenerator,
  readSafetensors,
  resolveGraph,
  SpikewireError,
  stateMeaning,
  tensor,
  viewsOf,
  writeSafetensors,
} from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import type { Outcome } from './outcome.ts';
import { Session } from './session.ts';
import { rebaseSessionState } from './session-state.ts';

const model = nextReadingModel({
  channels: [{ name: 'temperature', unit: '°C' }],
  neurons: 40,
  rangeWarmUp: 50,
  monitor: { warmUp: 50 },
});

function openSession(executor: Executor = new InProcessExecutor(referenceEngine, model)) {
  return new Session(model, executor, { clock: () => 0 });
}

const weightsOf = ({ executor }: Session) => (executor as InProcessExecutor).network.readWeights('reading/decode');
const target = (value: number, time?: number) => ({ kind: 'target', values: Float64Array.of(value), time }) as const;

/** A wave with noise, as of a sensor in a room; moved by `shift` from reading 200 on. */
function reading(k: number, shift = 0) {
  const noise = new RandomGenerator(k, 'noise').nextNormal();
  const value = 20 + Math.sin(k / 8) + 0.02 * noise + (k >= 200 ? shift : 0);
  return { time: 1000 * k, values: Float64Array.of(value) };
}

async function feed(session: Session, from: number, to: number, shift = 0): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let k = from; k < to; k++) outcomes.push(await session.feed(reading(k, shift)));
  return outcomes;
}

const comparable = (outcomes: readonly Outcome[]) =>
  outcomes.map(({ sequence, result, verdict, spikes, error }) => ({ sequence, result, verdict, spikes, error }));

describe('session', () => {
  it('takes the graph of its model from whoever has resolved it, and refuses that of another', () => {
    const executor = new InProcessExecutor(referenceEngine, model);
    const open = (graph: Model['graph']) => {
      const resolved = resolveGraph(graph, model.semantics);
      return { resolved, session: () => new Session(model, executor, { graph: resolved }) };
    };
    const own = open(model.graph);
    expect(own.session().graph).toBe(own.resolved);
    expect(open({ ...model.graph }).session).toThrow(
      'resolved graph: is that of another model; expected the one of this model',
    );
  });

  it('predicts in sensor units after its warm-up, flags a moved sensor and gets used to it', async () => {
    const session = openSession();
    const quiet = await feed(session, 0, 200);
    expect(quiet[48]!.result).toBeUndefined();
    expect(quiet[199]!.result![0] as unknown as number).toBeGreaterThan(17);
    expect(quiet[199]!.result![0] as unknown as number).toBeLessThan(23);
    expect(quiet.some(({ verdict }) => verdict?.anomaly)).toBe(false);
    const moved = await feed(session, 200, 500, 3);
    expect(moved[0]!.verdict).toMatchObject({ anomaly: true, alarm: true });
    expect(moved.slice(150).some(({ verdict }) => verdict?.anomaly)).toBe(false);
    const lateError = moved.slice(-50).reduce((sum, { error }) => sum + error, 0) / 50;
    expect(lateError).toBeLessThan(moved[0]!.error / 5);
  });

  it('goes on after save and restore exactly as without them', async () => {
    const one = openSession();
    await feed(one, 0, 260, 3);
    const bytes = await one.save(() => 'a note');
    const straight = await feed(one, 260, 300, 3);
    const other = openSession();
    expect(await other.restore(bytes)).toEqual({ notes: 'a note', learnedOnly: undefined });
    expect(comparable(await feed(other, 260, 300, 3))).toEqual(comparable(straight));
  });

  it('a bad reading is refused and changes nothing', async () => {
    const one = openSession();
    const other = openSession();
    await feed(one, 0, 150);
    await feed(other, 0, 150);
    await expect(one.feed({ time: 0, values: Float64Array.of(Number.NaN) })).rejects.toThrow(
      'expected a finite number',
    );
    await expect(one.feed({ time: 0, values: Float64Array.of(1, 2) })).rejects.toThrow('has 2 values; expected 1');
    expect(comparable(await feed(one, 150, 170))).toEqual(comparable(await feed(other, 150, 170)));
  });

  it('a damaged state is refused with a typed error and leaves the net as it was', async () => {
    const one = openSession();
    const other = openSession();
    await feed(one, 0, 150);
    await feed(other, 0, 150);
    const bytes = await one.save();
    for (const broken of [
      bytes.subarray(0, 40),
      new Uint8Array(0),
      bytes.map((byte, k) => (k === 30 ? byte ^ 0xff : byte)),
    ]) {
      await expect(one.restore(broken)).rejects.toBeInstanceOf(SpikewireError);
    }
    expect(comparable(await feed(one, 150, 170))).toEqual(comparable(await feed(other, 150, 170)));
  });

  it('frozen, keeps its decoders and its range; reset, starts its warm-up anew', async () => {
    const session = openSession();
    await feed(session, 0, 150);
    await session.setLearning(false);
    const weights = session.executor as InProcessExecutor;
    const before = weights.network.readWeights('reading/decode');
    const outcomes = await feed(session, 150, 260, 10);
    expect(weights.network.readWeights('reading/decode')).toEqual(before);
    expect(outcomes.slice(-50).every(({ verdict }) => verdict?.anomaly)).toBe(true);
    await session.reset();
    expect(session.warmUp.done).toBe(0);
    expect(session.sequence).toBe(260);
  });

  it('a lesson about a forgotten answer is counted as such, one about the last answer is applied', async () => {
    const session = openSession();
    await feed(session, 0, 120);
    expect(await session.teach({ kind: 'target', values: Float64Array.of(20), time: undefined })).toBe('applied');
    expect(await session.teach({ kind: 'target', values: Float64Array.of(20), time: 1 })).toBe('forgotten');
    await expect(session.teach({ kind: 'label', label: 'warm', time: undefined })).rejects.toThrow(
      'lesson.label: is "warm"',
    );
  });

  it.each([0, 1, 30, 70])(
    'saved after %i readings, amid its warm-up, goes on as if nothing had happened',
    async (count) => {
      const one = openSession();
      await feed(one, 0, count);
      const other = openSession();
      await other.restore(await one.save());
      expect(comparable(await feed(other, count, 130))).toEqual(comparable(await feed(one, count, 130)));
      expect(other.warmUp).toEqual(one.warmUp);
    },
  );

  it('goes on from a state with more work than numbers count exactly', async () => {
    const session = openSession();
    await feed(session, 0, 120);
    const { tensors, metadata } = readSafetensors(await session.save(), { allowNonFinite: true });
    const work = Float64Array.of(2 ** 60, Number.POSITIVE_INFINITY, 0);
    const restarted = openSession();
    await restarted.restore(writeSafetensors(new Map(tensors).set('work', tensor(work)), metadata));
    expect((await feed(restarted, 120, 121))[0]!.verdict!.anomaly).toBe(false);
  });

  it.each([1e300, -1.7e308, 65_535])(
    'one wild reading (%d) is flagged and neither spoils the net nor the range of its error',
    async (wild) => {
      const session = openSession();
      await feed(session, 0, 200);
      const { verdict, error } = await session.feed({ time: 0, values: Float64Array.of(wild) });
      expect(verdict!.anomaly).toBe(true);
      expect(error).toBeLessThan(Number.POSITIVE_INFINITY);
      expect(weightsOf(session).every(Number.isFinite)).toBe(true);
      const after = await feed(session, 0, 400);
      expect(after.slice(-100).some((outcome) => outcome.verdict!.anomaly)).toBe(false);
    },
  );

  it('once its executor has failed, is failed for good and never saved', async () => {
    const executor = new InProcessExecutor(referenceEngine, model);
    const session = openSession(executor);
    await feed(session, 0, 60);
    await executor.close();
    await expect(session.feed(reading(60))).rejects.toThrow('net: is closed');
    expect(session.failure).toBeInstanceOf(SpikewireError);
    await expect(session.feed(reading(61))).rejects.toBe(session.failure);
    await expect(session.save()).rejects.toBe(session.failure);
    await expect(session.reset()).rejects.toBe(session.failure);
    await expect(session.teach(target(1))).rejects.toBe(session.failure);
  });

  it('obeys what a person has asked for, also after a restart, before what its options say', async () => {
    const asked = openSession();
    await feed(asked, 0, 120);
    await asked.setLearning(false);
    const unasked = openSession();
    await feed(unasked, 0, 120);
    for (const [saved, unlessAsked, learning] of [
      [asked, true, false],
      [unasked, true, true],
      [unasked, false, false],
    ] as const) {
      const restarted = openSession();
      await restarted.setLearningUnlessAsked(unlessAsked);
      await restarted.restore(await saved.save());
      expect(restarted.learning).toBe(learning);
      const before = weightsOf(restarted);
      await feed(restarted, 120, 140, 5);
      if (learning) expect(weightsOf(restarted)).not.toEqual(before);
      else expect(weightsOf(restarted)).toEqual(before);
    }
  });

  it('lessons that come late by their time meet the answer they are about, after other lessons and after a restart too', async () => {
    const session = openSession();
    await feed(session, 0, 120);
    for (let k = 0; k < 40; k++) expect(await session.teach(target(20))).toBe('applied');
    // The time of reading 110, and a moment after it.
    expect(await session.teach(target(20, 110_000))).toBe('applied');
    expect(await session.teach(target(20, 110_999))).toBe('applied');
    const restarted = openSession();
    await restarted.restore(await session.save());
    expect(await restarted.teach(target(20, 110_000))).toBe('applied');
    expect(await restarted.teach(target(20, 90_000))).toBe('forgotten');
    expect(await restarted.teach(target(20))).toBe('applied');
  });

  it('a lesson acts on the activity of the reading that its time names', async () => {
    const late = openSession();
    await feed(late, 0, 121);
    const soon = openSession();
    await feed(soon, 0, 120);
    const [before, beforeSoon] = [weightsOf(late), weightsOf(soon)];
    const lesson = (time?: number) => ({ kind: 'error', values: Float64Array.of(0.5), time }) as const;
    await late.teach(lesson(119_000));
    await soon.teach(lesson());
    const change = weightsOf(late).map((weight, k) => weight - before[k]!);
    const changeSoon = weightsOf(soon).map((weight, k) => weight - beforeSoon[k]!);
    for (const [k, value] of change.entries()) expect(value).toBeCloseTo(changeSoon[k]!, 12);
    expect(change.some((value) => value !== 0)).toBe(true);
  });

  it('refuses a lesson that would throw the net', async () => {
    const session = openSession();
    await feed(session, 0, 120);
    const before = weightsOf(session);
    await expect(session.teach(target(1e9))).rejects.toThrow(
      /lesson\.target: means an error of .*; expected at most 100/,
    );
    await expect(session.teach({ kind: 'error', values: Float64Array.of(-101), time: undefined })).rejects.toThrow(
      'lesson.error',
    );
    expect(weightsOf(session)).toEqual(before);
    expect(session.failure).toBeUndefined();
  });

  it.each([
    ['before any reading', 0],
    ['in the warm-up of the range', 30],
  ])('says of a target %s that it comes before there is an answer', async (_, readings) => {
    const session = openSession();
    await feed(session, 0, readings);
    const early = 'lesson.target: comes before there is an answer; expected a target after the warm-up';
    await expect(session.teach(target(20))).rejects.toThrow(early);
    await feed(session, readings, 60);
    expect(await session.teach(target(20))).toBe('applied');
    await session.reset();
    await expect(session.teach(target(20))).rejects.toThrow(early);
  });

  it('runs one window a reading however long ago the last one was, and counts the steps in between', async () => {
    const session = openSession();
    const { steps } = model.sample;
    const times = [0, 1000, 1000, 500, 10_500];
    for (const time of times) await session.feed({ time, values: Float64Array.of(20) });
    // 1 s and 10 s are 1,000 and 10,000 steps of 1 ms, of which a window runs.
    expect(session.skippedSteps).toBe(1000 - steps + (10_000 - steps));
    const restarted = openSession();
    await restarted.restore(await session.save());
    expect(restarted.skippedSteps).toBe(session.skippedSteps);
  });

  it('keeps the count of skipped steps where only what was learned can be taken over, and counts its own spikes on', async () => {
    const former = openSession();
    await feed(former, 0, 120);
    const other = openSession(new InProcessExecutor(clockedEngine, model));
    const own = await feed(other, 0, 70);
    const { learnedOnly } = await other.restore(await former.save());
    expect(learnedOnly).toBeDefined();
    expect(former.skippedSteps).toBeGreaterThan(0);
    expect(other.skippedSteps).toBe(former.skippedSteps);
    const [next] = await feed(other, 120, 121);
    const before = own.reduce((sum, { spikes }) => sum + spikes, 0);
    expect(before + next!.spikes).toBe(next!.window!.counters.spikes);
  });

  it('keeps what a person has set on the monitor through reset and restart', async () => {
    const session = openSession();
    await feed(session, 0, 120);
    session.monitors.watches[0]!.configure({ sensitivity: 9 });
    await session.reset();
    const restarted = openSession();
    await restarted.restore(await session.save());
    expect([restarted.monitors.watches[0]!.sensitivity, restarted.monitors.watches[0]!.holdOff]).toEqual([9, 60]);
  });

  it('rebases a state onto a model that differs only in its settings and starting weights, and onto no other', async () => {
    const session = openSession();
    await feed(session, 0, 300, 3);
    const saved = await session.save();
    const monitors = [{ type: 'next-reading', parameters: { sensitivity: 8 } }];
    const fitting = { ...model, monitors, provenance: { note: 'new' } };
    const target = { digest: modelDigest(fitting), meaning: stateMeaning(fitting) };
    const rebased = new Session(fitting, new InProcessExecutor(referenceEngine, fitting), { clock: () => 0 });
    await rebased.restore(rebaseSessionState(saved, target));
    expect(weightsOf(rebased)).toEqual(weightsOf(session));
    expect(rebased.sequence).toBe(300);
    expect(rebased.monitors.watches[0]!.sensitivity).toBe(8);

    const other = nextReadingModel({
      channels: model.channels,
      neurons: 40,
      seed: 2,
      rangeWarmUp: 50,
      monitor: { warmUp: 50 },
    });
    expect(() => rebaseSessionState(saved, { digest: modelDigest(other), meaning: stateMeaning(other) })).toThrow(
      'of another build',
    );
    expect(() => rebaseSessionState(saved.subarray(0, 50), target)).toThrow(SpikewireError);
  });

  describe('with several monitors', () => {
    const silence = { type: 'silence', parameters: {} };
    const watched = (...more: NonNullable<Model['monitors']>) => ({
      ...model,
      monitors: [...model.monitors!, ...more],
    });

    /** A session on a clock that a reading each second moves, and the seconds that the test lets pass. */
    function openWatched(of: Model) {
      let now = 0;
      const session = new Session(of, new InProcessExecutor(referenceEngine, of), { clock: () => now });
      const pass = (seconds: number) => {
        now += 1e6 * seconds;
      };
      const feedOn = async (from: number, to: number, shift = 0) => {
        const outcomes: Outcome[] = [];
        for (let k = from; k < to; k++) {
          pass(1);
          outcomes.push(await session.feed(reading(k, shift)));
        }
        return outcomes;
      };
      return { session, pass, feedOn };
    }

    it('judges by each of them side by side, and learns the same', async () => {
      const { session, feedOn, pass } = openWatched(watched(silence));
      const alone = openSession();
      const outcomes = await feedOn(0, 210, 3);
      const without = await feed(alone, 0, 210, 3);
      const scores = (of: readonly Outcome[]) =>
        of.map(({ result, verdict }) => [result, verdict?.score ?? Number.NaN]);
      expect(scores(outcomes)).toEqual(scores(without));
      expect(weightsOf(session)).toEqual(weightsOf(alone));
      expect(outcomes[0]!.verdicts).toEqual([]);
      expect(outcomes[1]!.verdicts.map(({ monitor }) => monitor)).toEqual(['silence']);
      expect(outcomes[200]!.verdicts).toMatchObject([
        {
          monitor: 'next-reading',
          anomaly: true,
          reason: expect.stringMatching(/^temperature is 2\d.* was expected$/),
        },
        { monitor: 'silence', score: 1, anomaly: false },
      ]);
      pass(3);
      expect(await session.tick()).toMatchObject([{ score: 3, anomaly: false }]);
      pass(1);
      expect(await session.tick()).toMatchObject([{ monitor: 'silence', score: 4, alarm: true }]);
    });

    it('does not take the time of a long window for silence', async () => {
      const { session, feedOn, pass } = openWatched(watched(silence));
      await feedOn(0, 200);
      const { executor } = session;
      const run = executor.run.bind(executor);
      let finish = () => {};
      const finished = new Promise<void>((resolve) => {
        finish = resolve;
      });
      executor.run = async (request) => {
        await finished;
        return run(request);
      };
      const first = feedOn(200, 201);
      pass(0.5);
      const ticked = session.tick();
      const second = feedOn(201, 202);
      pass(20);
      finish();
      expect(await ticked).toMatchObject([{ score: 0.5, alarm: false }]);
      await Promise.all([first, second]);
    });

    it('restores each by its name, one that is new begins, and a state of a single one without a name still loads', async () => {
      const { session, feedOn } = openWatched(watched(silence));
      await feedOn(0, 150);
      const saved = await session.save();
      const again = openWatched(watched(silence));
      await again.session.restore(saved);
      for (const [name, state] of Object.entries(session.monitors.state)) {
        expect(viewsOf(again.session.monitors.state[name]!)).toEqual(viewsOf(state));
      }

      const { tensors, metadata } = readSafetensors(saved, { allowNonFinite: true });
      const nameless = new Map(
        [...tensors].flatMap(([name, value]) => {
          if (name.startsWith('monitor.silence.')) return [];
          return [[name.replace('monitor.next-reading.', 'monitor.'), value] as const];
        }),
      );
      const early = openWatched(watched(silence));
      await early.session.restore(writeSafetensors(nameless, metadata));
      const [first, then] = [early.session, session].map(({ monitors }) => viewsOf(monitors.state['next-reading']!));
      expect(first).toEqual(then);
      expect(early.session.monitors.state.silence!.counts!.view[0]).toBe(0);
      expect(early.session.sequence).toBe(150);
    });

    it('keeps the weights while a monitor that holds them flags, and learns again after it', async () => {
      const holding = {
        ...model,
        monitors: [{ type: 'next-reading', parameters: { warmUp: 50, whileFlagged: 'hold' } }],
      };
      const { session, feedOn } = openWatched(holding);
      const quiet = await feedOn(0, 200);
      expect(quiet.at(-1)!.learned).toBe(true);
      const before = weightsOf(session).slice();
      const [moved] = await feedOn(200, 201, 10);
      expect(moved).toMatchObject({ learned: false, verdict: { anomaly: true } });
      expect(weightsOf(session)).toEqual(before);
      expect((await feedOn(201, 203))[1]).toMatchObject({ learned: true, verdict: { anomaly: false } });
      expect(weightsOf(session)).not.toEqual(before);
      await session.teach(target(20));
      expect(session.learning).toBe(true);
    });
  });
});
