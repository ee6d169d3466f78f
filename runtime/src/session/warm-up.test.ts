import { referenceEngine } from '@spikewire/engine';
import { InProcessExecutor } from '@spikewire/engine/executor';
import { anomalyModel, classifierModel, featureCandidates, type Model, NetworkBuilder } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { Session, type SessionOptions } from './session.ts';
import { enoughOf } from './warm-up.ts';

describe('what is enough of a warm-up', () => {
  it.each([
    ['all of it, before the rate is known', 400, Number.NaN, 1],
    ['all of it, within an hour', 400, 9000, 1],
    ['what comes in an hour', 400, 12_000, 0.75],
    ['two hundred readings, however slow they are', 400, 3_600_000, 0.5],
    ['all of a short one', 80, 3_600_000, 1],
    ['nothing of none', 0, 3_600_000, 1],
  ])('is %s', (_, of, interval, share) => {
    expect(enoughOf(of, interval)).toBe(share);
  });

  it('is what was asked for, at most what is declared', () => {
    expect([enoughOf(400, 1000, 40), enoughOf(400, 1e9, 300), enoughOf(400, 1e9, 5000)]).toEqual([0.1, 0.75, 1]);
  });
});

describe('a session', () => {
  const model = anomalyModel({ channels: [{ name: 'level', unit: 'm' }], beside: ['drift'], neurons: 20 });

  function open(interval: number, options: SessionOptions = {}) {
    let now = 0;
    const executor = new InProcessExecutor(referenceEngine, model);
    const session = new Session(model, executor, { clock: () => 1000 * now, ...options });
    const feed = async (count: number, value = (k: number) => Math.sin(k), last = 30) => {
      for (let k = 0; k < count; k++, now += interval)
        await session.feed({ time: now, values: Float64Array.of(value(k)) });
      return session.feed({ time: now, values: Float64Array.of(last) });
    };
    const wait = (milliseconds: number) => {
      now += milliseconds;
    };
    return { session, feed, wait };
  }

  it('with a reading a minute knows after two hundred what is usual, and drift, which joins later, does not', async () => {
    const { session, feed } = open(60_000);
    // What is far off in the warm-up would be called normal.
    expect((await feed(190, Math.sin, 0)).verdict!.score).toBeNaN();
    expect(session.warmUp).toEqual({ done: 190, of: 200 });
    expect(session.warmUpSeconds).toBeCloseTo(10 * 60, 6);
    const { verdicts } = await feed(10);
    expect(session.warmUp).toEqual({ done: 400, of: 400 });
    expect(session.warmUpSeconds).toBeUndefined();
    expect(verdicts.map(({ score }) => Number.isNaN(score))).toEqual([false, true]);
    expect(verdicts[0]!.anomaly).toBe(true);
  });

  it('with one a second takes what the model declares, or what was asked for', async () => {
    const slow = open(1000);
    await slow.feed(150);
    expect(slow.session.warmUp).toEqual({ done: 151, of: 400 });
    expect(slow.session.warmUpSeconds).toBeCloseTo(249, 6);
    const asked = open(1000, { warmUp: 40 });
    await asked.feed(20);
    expect(asked.session.warmUp).toEqual({ done: 21, of: 40 });
    expect((await asked.feed(20)).verdict!.anomaly).toBe(true);
  });

  it('is not made shorter by an outage or two', async () => {
    const { session, feed, wait } = open(1000);
    for (let outage = 0; outage < 2; outage++) {
      await feed(100);
      wait(12 * 3_600_000);
    }
    await feed(50);
    expect(session.warmUp).toEqual({ done: 253, of: 400 });
    expect(session.warmUpSeconds).toBeCloseTo(147, 6);
  });

  it('goes on from a shortened warm-up that was saved, and does not begin it again', async () => {
    const first = open(60_000);
    await first.feed(220);
    const second = open(1000);
    await second.session.restore(await first.session.save());
    expect(second.session.warmUp).toEqual({ done: 400, of: 400 });
    expect((await second.feed(5)).verdict!.anomaly).toBe(true);
  });
});

describe('a net whose features gather readings', () => {
  const channels = [{ name: 'level', unit: 'm' }];
  const [level] = featureCandidates({ block: 1 });

  function open(model: Model, options: SessionOptions = {}) {
    let now = 0;
    const executor = new InProcessExecutor(referenceEngine, model);
    const session = new Session(model, executor, { clock: () => 1000 * now, ...options });
    const feed = async () => {
      const outcome = await session.feed({ time: now, values: Float64Array.of(Math.sin(now)) });
      now += 10_000;
      return outcome;
    };
    return { session, feed };
  }

  it('says from the first reading on how far the next sample is', async () => {
    const { session, feed } = open(classifierModel({ channels, labels: ['a'], features: level!.stages, neurons: 20 }));
    const answers: number[] = [];
    for (let k = 0; k < 280; k++) {
      const { gathering, pending } = await feed();
      if (pending === undefined) answers.push(k);
      else if (k > 0) expect(gathering!.secondsLeft).toBeCloseTo(10 * (gathering!.of - gathering!.done), 6);
      if (k < 23) expect(gathering).toMatchObject({ done: k + 1, of: 24 });
    }
    // Two windows of sixteen with a hop of eight have a deviation.
    expect(answers).toEqual(Array.from({ length: 33 }, (_, k) => 23 + 8 * k));
    await feed();
    expect(session.gathering).toMatchObject({ done: 1, of: 8 });
    await session.reset();
    expect(session.gathering).toMatchObject({ done: 0, of: 24 });
  });

  it.each([48, 55, 2])(
    'warms up as long as it was asked to: a model made for %s readings is the same',
    async (readings) => {
      const features = level!.stages;
      const asked = open(classifierModel({ channels, features, neurons: 20 }), { warmUp: readings });
      // Windows of sixteen with a hop of eight: the fifth ends with reading 48, and two is what a deviation needs.
      const warmUp = readings === 2 ? 2 : 5;
      const made = open(classifierModel({ channels, features, standardise: { warmUp }, neurons: 20 }));
      expect(asked.session.warmUpIsVain).toBe(false);
      for (let round = 0; round < 2; round++) {
        for (let k = 0; k < 80; k++) {
          const [one, other] = [await asked.feed(), await made.feed()];
          expect(one.values).toEqual(other.values);
          expect(asked.session.gathering).toEqual(made.session.gathering);
        }
        await asked.session.reset();
        await made.session.reset();
      }
    },
  );

  it('ends a longer warm-up that was saved, and knows where nothing is left to end', async () => {
    const model = classifierModel({ channels, features: level!.stages, neurons: 20 });
    const [first, second, third] = [open(model), open(model, { warmUp: 48 }), open(model, { warmUp: 48 })];
    for (let k = 0; k < 100; k++) await first.feed();
    await second.session.restore(await first.session.save());
    expect(second.session.warmUpIsVain).toBe(false);
    for (let k = 100; k < 112; k++) await second.feed();
    await third.session.restore(await second.session.save());
    expect(third.session.warmUpIsVain).toBe(true);
    const fixed = classifierModel({ channels, neurons: 20, standardise: { mean: 0, deviation: 1 } });
    expect(open(fixed, { warmUp: 48 }).session.warmUpIsVain).toBe(true);
    expect(open(fixed).session.warmUpIsVain).toBe(false);
  });

  it('counts the time that its warm-up takes by readings, of which several are one sample', async () => {
    const features = [
      { type: 'window', parameters: { length: 6, hop: 4 } },
      { type: 'rms', parameters: {} },
    ];
    const net = new NetworkBuilder({ dt: 0.001, seed: 1 });
    const input = net.input('in', 1, { type: 'direct', parameters: { range: 'auto', warmUp: 5 } });
    const cells = net.population('cells', 2, { type: 'LIF', tau: 0.01, v_threshold: 1 });
    net.connect(input, cells, { weights: 1 });
    net.output('out', cells, { type: 'count', parameters: {} });
    const model = net.model({
      channels,
      sample: { steps: 2, between: 'reset' },
      features: new Map([['in', features]]),
    });
    const { session, feed } = open(model);
    await feed();
    await feed();
    // The fifth window ends with reading 6 + 4 · 4.
    expect(session.warmUpSeconds).toBeCloseTo(10 * (22 - 2), 6);
    for (let k = 2; k < 22; k++) await feed();
    expect(session.warmUp).toEqual({ done: 5, of: 5 });
    expect(session.warmUpSeconds).toBeUndefined();
  });

  it('says nothing where each reading is a sample', async () => {
    const { session, feed } = open(
      classifierModel({ channels, labels: ['a'], neurons: 20, standardise: { mean: 0, deviation: 1 } }),
    );
    expect((await feed()).gathering).toBeUndefined();
    expect(session.gathering).toBeUndefined();
  });
});
