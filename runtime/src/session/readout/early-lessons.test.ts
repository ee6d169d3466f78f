import { engineNamed } from '@spikewire/engine';
import type { WindowRequest } from '@spikewire/engine/executor';
import { InProcessExecutor } from '@spikewire/engine/executor';
import {
  classifierModel,
  featureCandidates,
  Neighbours,
  RandomGenerator,
  readSafetensors,
  writeSafetensors,
} from '@spikewire/models';
import { describe, expect, it, vi } from 'vitest';
import { Session } from '../session.ts';
import { EarlyLessons } from './early-lessons.ts';
import { TaughtReadout } from './taught-readout.ts';

const features = featureCandidates({ block: 1 })[0]!.stages;
const model = classifierModel({ channels: [{ name: 'power', unit: 'W' }], features, neurons: 60 });
/** Samples of 24 numbers, none of them by a scale that follows the stream. */
const wide = classifierModel({
  channels: Array.from({ length: 8 }, (_, k) => ({ name: `power ${k}`, unit: 'W' })),
  features,
  running: false,
  neurons: 60,
});

/** Usual power of the states of a machine: to its off, others are out of all reach. */
const STATES = { off: 2, washing: 180, spinning: 450 } as const;
type State = keyof typeof STATES;

function open(restored?: Uint8Array, of = model) {
  const session = new Session(of, new InProcessExecutor(engineNamed('clocked'), of));
  const random = new RandomGenerator(5, 'power');
  let time = 0;
  const feed = (state: State) => {
    const values = Float64Array.from({ length: session.channels }, () => STATES[state] + random.nextNormal());
    return session.feed({ time: time++, values });
  };
  /** The last answer of so many readings in a state. */
  const stay = async (state: State, readings = 32) => {
    let last = await feed(state);
    for (let k = 1; k < readings; k++) {
      const outcome = await feed(state);
      if (outcome.pending === undefined) last = outcome;
    }
    return last;
  };
  const teach = (state: State) => session.teach({ kind: 'label', label: state, time: undefined });
  const visit = async (state: State) => {
    await stay(state);
    return teach(state);
  };
  return { session, stay, teach, visit, ready: restored === undefined ? Promise.resolve() : session.restore(restored) };
}

/** All that is asked of its executor from now on. */
function requestsOf({ executor }: Session): WindowRequest[] {
  const requests: WindowRequest[] = [];
  const run = executor.run.bind(executor);
  executor.run = (request) => {
    requests.push(request);
    return run(request);
  };
  return requests;
}

const numbersOf = async ({ session }: ReturnType<typeof open>) =>
  readSafetensors(await session.save(), { allowNonFinite: true }).tensors;

describe('a new classifier', () => {
  it('answers inside its warm-up, from the first lessons of two classes on', async () => {
    const net = open();
    await net.visit('off');
    await net.visit('washing');
    for (const state of ['off', 'washing', 'off'] as const) {
      expect((await net.stay(state)).result).toBe(state);
      expect((await numbersOf(net)).get('features.in.2.counted')!.data[0]).toBeLessThan(30);
    }
  });

  it.each([
    ['in one state, before any lesson', 256],
    ['that has hardly begun', 32],
  ])('tells states apart that it was taught once after a warm-up %s, and does not forget them', async (_, readings) => {
    const net = open();
    await net.stay('off', readings);
    for (const state of ['off', 'spinning', 'washing'] as const) expect(await net.visit(state)).toBe('applied');
    for (let round = 0; round < 4; round++) {
      for (const state of ['washing', 'off', 'spinning'] as const) expect((await net.stay(state)).result).toBe(state);
    }
    expect((await numbersOf(net)).get('features.in.2.counted')!.data[0]).toBe(30);
  });

  it('answers with the votes of the nearest lessons, before any label judges them as much as with a view', async () => {
    const probabilityOfHigh = async () => {
      const { session } = open();
      const stay = async (level: number) => {
        let last = await session.feed({ time: 0, values: Float64Array.of(level) });
        for (let k = 1; k < 32; k++) last = await session.feed({ time: k, values: Float64Array.of(level) });
        return last;
      };
      for (const [label, level] of [
        ['low', 1],
        ['high', 100],
      ] as const) {
        await stay(level);
        await session.teach({ kind: 'label', label, time: undefined });
      }
      const { result, confidence } = await stay(12);
      return result === 'high' ? confidence! : 1 - confidence!;
    };
    const votes = new Float64Array(2);
    const lessons = [1, 100].map((level, label) => ({ frames: Float64Array.of(level, 0, 0), label }));
    new Neighbours(lessons).vote(Float64Array.of(12, 0, 0), votes);
    // Losses of 0, 0 and 2 before the first label that judges: weights of 1, 1 and e^−1.
    const share = 1 / (2 + Math.exp(-1));
    const answered = await probabilityOfHigh();
    const mute = vi.spyOn(TaughtReadout.prototype, 'votesOn').mockReturnValue(undefined);
    expect(answered).toBeCloseTo((1 - share) * (await probabilityOfHigh()) + share * votes[1]!, 9);
    mute.mockRestore();
  });

  it('calls unknown what lies far from all lessons, also in what tells no classes apart', async () => {
    const net = open();
    const random = new RandomGenerator(7, 'shaking');
    const shake = async (middle: number, deviation: number) => {
      let last: string | undefined;
      for (let k = 0; k < 32; k++) {
        const values = Float64Array.of(middle + deviation * random.nextNormal());
        const { pending, result } = await net.session.feed({ time: k, values });
        if (pending === undefined) last = result as string;
      }
      return last;
    };
    for (let k = 0; k < 24; k++) {
      await shake(1, k % 2 === 0 ? 0.1 : 1);
      await net.session.teach({ kind: 'label', label: k % 2 === 0 ? 'idle' : 'running', time: undefined });
      if (k === 5 || k === 23) expect(await shake(-20, 1)).toBe('unknown');
    }
    expect([await shake(1, 0.1), await shake(1, 1)]).toEqual(['idle', 'running']);
  });

  it('goes on as if nothing had been, wherever it was saved', async () => {
    const steps: ((net: ReturnType<typeof open>) => Promise<unknown>)[] = [
      (net) => net.stay('off', 20),
      (net) => net.visit('off'),
      (net) => net.visit('washing'),
      (net) => net.stay('spinning', 120),
      (net) => net.teach('spinning'),
      (net) => net.stay('washing', 100),
      (net) => net.visit('off'),
    ];
    for (let k = 0; k < steps.length; k++) {
      const one = open();
      for (const step of steps.slice(0, k)) await step(one);
      const other = open(await one.session.save());
      await other.ready;
      // Both see the same from here on.
      const follow = open();
      const answers: unknown[] = [];
      const again: unknown[] = [];
      for (const state of ['washing', 'off'] as const) {
        await follow.stay(state, 1);
        for (const { session } of [one, other]) {
          for (let n = 0; n < 30; n++) {
            const values = Float64Array.of(STATES[state] + Math.sin(n));
            const { result, confidence } = await session.feed({ time: 1e6 + n, values });
            (session === one.session ? answers : again).push([result, confidence]);
          }
          await session.teach({ kind: 'label', label: state, time: undefined });
        }
      }
      expect(again).toEqual(answers);
      const [ours, theirs] = [await numbersOf(one), await numbersOf(other)];
      for (const [name, { data }] of ours) if (name !== 'engine') expect(theirs.get(name)!.data).toEqual(data);
    }
  });

  it.each([
    ['beside a scale that follows the stream', model],
    ['of samples of many numbers', wide],
  ])('takes a lesson back bit for bit: %s', async (_, of) => {
    const net = open(undefined, of);
    await net.stay('off', of === wide ? 512 : 1);
    for (const state of ['off', 'washing', 'off', 'spinning'] as const) await net.visit(state);
    await net.stay('washing');
    const before = await numbersOf(net);
    await net.teach('washing');
    const taught = await numbersOf(net);
    expect(taught.get('features.in.2.unit')!.data).not.toEqual(before.get('features.in.2.unit')!.data);
    expect(await net.session.takeBack()).toBe(true);
    const learned = /^(features|decoder|taught)\./;
    // Frames behind the last label are no lesson's any more, what was asked today stays asked, and of the numbers that
    // windows had by a scale that follows the stream nobody asks.
    const passing = [/^decoder\.out\.evidence$/, /earlyFrames$/, /today$/, ...(of === wide ? [] : [/knownSamples$/])];
    for (const [name, { data }] of await numbersOf(net)) {
      if (!learned.test(name) || passing.some((pattern) => pattern.test(name))) continue;
      expect([name, data]).toEqual([name, before.get(name)!.data]);
    }
  });

  it('keeps what it learned as it is where it is frozen when its warm-up ends', async () => {
    const net = open();
    for (const state of ['off', 'washing'] as const) await net.visit(state);
    await net.session.setLearning(false);
    const before = await numbersOf(net);
    expect(before.get('features.in.2.counted')!.data[0]).toBeLessThan(30);
    await net.stay('spinning', 256);
    const after = await numbersOf(net);
    expect(after.get('features.in.2.counted')!.data[0]).toBe(30);
    // Of the last window alone.
    after.delete('decoder.out.evidence');
    for (const [name, { data }] of after) {
      if (/^decoder\.|\.(middle|unit|relevance)$/.test(name))
        expect([name, data]).toEqual([name, before.get(name)!.data]);
    }
  });

  it('does not learn its first lessons again with one that the budget of its decoder refuses', async () => {
    const channels = [{ name: 'power', unit: 'W' }];
    const net = open(undefined, classifierModel({ channels, features, neurons: 60, decoder: { budget: 3 } }));
    const requests = requestsOf(net.session);
    const again: number[] = [];
    for (const state of ['off', 'washing', 'off', 'washing', 'off'] as const) {
      await net.stay(state);
      requests.length = 0;
      await net.teach(state);
      again.push(requests.length);
    }
    expect(again).toEqual([0, 2, 3, 0, 0]);
  });

  it('learns its first lessons again without the spikes of every neuron, which are those of no reading', async () => {
    const net = open();
    net.session.observed = true;
    await net.visit('off');
    await net.stay('washing');
    const requests = requestsOf(net.session);
    await net.teach('washing');
    expect(requests.map(({ raster }) => raster)).toEqual([false, false]);
    await net.stay('washing', 8);
    expect(requests.map(({ raster }) => raster)).toEqual([false, false, true]);
  });

  it('takes a state of a build that kept no lessons, and leaves its scale as it is', async () => {
    const net = open();
    await net.stay('off', 256);
    for (const state of ['off', 'washing', 'off'] as const) await net.visit(state);
    const { tensors, metadata } = readSafetensors(await net.session.save(), { allowNonFinite: true });
    const isNew = (name: string) => /\.early|features\.in\.(frames|2\.middle|2\.unit|2\.relevance)$/.test(name);
    const former = new Map([...tensors].filter(([name]) => !isNew(name)));
    expect(tensors.size - former.size).toBe(7);
    const other = open(writeSafetensors(former, metadata));
    await other.ready;
    await other.visit('washing');
    const after = await numbersOf(other);
    expect(Array.from(after.get('features.in.2.unit')!.data).every((unit) => unit === 0)).toBe(true);
    expect(after.get('taught.earlyLabels')!.data.every((label: number) => label === 0)).toBe(true);
  });

  it('fits its scale to no more lessons than it keeps, and forgets them with what they taught', async () => {
    const net = open();
    const states = ['off', 'washing', 'spinning'] as const;
    for (let k = 0; k < 64; k++) await net.visit(states[k % 3]!);
    const full = await numbersOf(net);
    expect(full.get('taught.earlyLabels')!.data.every((label: number) => label > 0)).toBe(true);
    for (let k = 0; k < 3; k++) await net.visit(states[k % 3]!);
    const after = await numbersOf(net);
    for (const name of ['features.in.2.unit', 'taught.earlyFrames']) {
      expect(after.get(name)!.data).toEqual(full.get(name)!.data);
    }
    for (const state of states) expect((await net.stay(state)).result).toBe(state);
    await net.session.returnToBase();
    const begun = await numbersOf(net);
    for (const name of ['features.in.2.unit', 'taught.earlyLabels']) {
      expect(begun.get(name)!.data.every((number: number) => number === 0)).toBe(true);
    }
  });

  it('keeps them no longer once what it knows has become its base', async () => {
    const net = open();
    for (const state of ['off', 'washing', 'spinning'] as const) await net.visit(state);
    await net.session.settle();
    const settled = await numbersOf(net);
    for (const state of ['off', 'washing'] as const) await net.visit(state);
    const after = await numbersOf(net);
    expect(after.get('features.in.2.unit')!.data).toEqual(settled.get('features.in.2.unit')!.data);
    expect(after.get('taught.earlyLabels')!.data.every((label: number) => label === 0)).toBe(true);
  });
});

describe('the first lessons', () => {
  it('keep fewer of large frames, and none of huge ones', () => {
    const capacityOf = (size: number) => {
      const lessons = new EarlyLessons(size, 4);
      for (let window = 0; window < 100; window++) {
        lessons.remember(window, new Float64Array(size).fill(window));
        lessons.add(window, window, window % 4);
      }
      expect(lessons.list.map(({ frames, label }) => [frames[0], label])).toEqual(
        Array.from({ length: lessons.count }, (_, k) => [k, k % 4]),
      );
      return lessons.count;
    };
    expect([3, 256, 1000, 16_384, 20_000].map(capacityOf)).toEqual([64, 64, 16, 1, 0]);
  });

  it('are learned again with each of the first, the first of a class, and every fourth', () => {
    const lessons = new EarlyLessons(1, 4);
    lessons.remember(0, Float64Array.of(0));
    const due: number[] = [];
    for (let k = 1; k <= 64; k++) {
      lessons.add(0, 0, k < 18 ? k % 2 : k === 18 ? 2 : k % 3);
      if (lessons.isDue) due.push(k);
    }
    const everyFourth = Array.from({ length: 13 }, (_, k) => 16 + 4 * k);
    expect(due).toEqual([...Array.from({ length: 12 }, (_, k) => k + 1), 16, 18, ...everyFourth.slice(1)]);
  });

  it('are about windows that are remembered', () => {
    const lessons = new EarlyLessons(2, 4);
    lessons.add(0, 0, 1);
    expect(lessons.count).toBe(0);
    for (let window = 0; window < 70; window++) lessons.remember(window, Float64Array.of(window, 0));
    lessons.add(5, 69, 1);
    lessons.add(6, 69, 1);
    expect(lessons.list.map(({ frames }) => frames[0])).toEqual([6]);
  });
});
