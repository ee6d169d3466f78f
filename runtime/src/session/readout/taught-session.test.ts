import { engineNamed } from '@spikewire/engine';
import { InProcessExecutor } from '@spikewire/engine/executor';
import { type Model, NetworkBuilder, quantize, RandomGenerator, readSafetensors } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import type { Outcome } from '../outcome.ts';
import { Session } from '../session.ts';

const DAY = 86_400_000;
const PLACES: Record<string, readonly [number, number]> = { idle: [-0.6, -0.5], running: [0.6, -0.4], fault: [0, 0.7] };

/** A random front of 60 neurons behind two channels, and a read-out that knows of no class but those named. */
function classifier(labels: readonly string[] = ['idle', 'running']): Model {
  const random = new RandomGenerator(1, 'front');
  const draw = (low: number, high: number) =>
    Array.from({ length: 60 }, () => low + (high - low) * random.nextUniform());
  const net = new NetworkBuilder({ dt: 0.001, seed: 1 });
  const input = net.input('in', 2, { type: 'direct', parameters: { range: [-1, 1] } });
  const cells = net.population('cells', 60, { type: 'LIF', tau: 0.008, r: 1, v_threshold: 1, v_leak: draw(0, 1) });
  net.connect(input, cells, { weights: { normal: [0, 1.5] } });
  net.output('out', cells, { type: 'teachable', parameters: { mostClasses: 4 } });
  return net.model({ sample: { steps: 32, between: 'reset' }, labels });
}

function open(model = classifier(), { engine = 'reference', lessonsPerDay = 1000, now = () => 9 * DAY } = {}) {
  return new Session(model, new InProcessExecutor(engineNamed(engine), model), { clock: () => 0, lessonsPerDay, now });
}

/** Reading `k` of a machine in a state, at k seconds. */
function readingOf(state: string, k: number) {
  const noise = new RandomGenerator(k, state);
  return { time: 1000 * k, values: Float64Array.from(PLACES[state]!, (mean) => mean + 0.12 * noise.nextNormal()) };
}

const label = (name: string, time?: number) => ({ kind: 'label', label: name, time }) as const;

/** Shows states in turn from reading `from` on and teaches each; the answers before the lessons. */
async function teach(session: Session, states: readonly string[], lessons: number, from = 0): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let k = from; k < from + lessons; k++) {
    const state = states[k % states.length]!;
    outcomes.push(await session.feed(readingOf(state, k)));
    expect(await session.teach(label(state))).toBe('applied');
  }
  return outcomes;
}

/** Shares of right, wrong and unknown answers. */
async function answersOf(session: Session, states: readonly string[], from: number, count = 60) {
  const shares = { right: 0, wrong: 0, unknown: 0 };
  for (let k = from; k < from + count; k++) {
    const state = states[k % states.length]!;
    const { result } = await session.feed(readingOf(state, k));
    shares[result === state ? 'right' : result === 'unknown' ? 'unknown' : 'wrong'] += 1 / count;
  }
  return shares;
}

async function rightOf(session: Session, states: readonly string[], from: number): Promise<number> {
  return (await answersOf(session, states, from)).right;
}

/** No class is taken for another; one of ten answers may be that it looks like none. */
async function expectKnown(session: Session, states: readonly string[], from: number): Promise<void> {
  const { right, wrong } = await answersOf(session, states, from);
  expect(wrong).toBe(0);
  expect(right).toBeGreaterThan(0.9);
}

describe('a session whose answers are taught', () => {
  it('has no base before it was taught something, and answers nothing again when it goes back', async () => {
    const session = open();
    const ask = async (k: number) => (await session.feed(readingOf('idle', k))).result;
    expect(await ask(0)).toBeUndefined();
    expect(await session.settle()).toBe(false);
    await teach(session, ['idle', 'running'], 20, 1);
    expect(session.taught!.figures.accuracy.base).toBeNull();
    await session.returnToBase();
    expect(await ask(30)).toBeUndefined();
    await teach(session, ['idle', 'running'], 20, 31);
    expect(await session.settle()).toBe(true);
    await session.returnToBase();
    expect(await ask(60)).toBe('idle');
  });

  it('counts the memory of its read-out twice: what undoes a lesson is as much again', async () => {
    const session = open();
    const { tensors } = readSafetensors(await session.save(), { allowNonFinite: true });
    const own = [...tensors].filter(([name]) => name.startsWith('decoder.'));
    const bytes = own.reduce((sum, [, { data }]) => sum + data.byteLength, 0);
    expect(bytes).toBeGreaterThan(8000);
    expect(session.bytes).toBeGreaterThan(session.executor.bytes + 2 * bytes);
  });

  it('says nothing before it was taught, and then the class with its confidence', async () => {
    const session = open();
    const first = await session.feed(readingOf('idle', 0));
    expect(first.result).toBeUndefined();
    expect(first.confidence).toBeUndefined();
    await teach(session, ['idle', 'running'], 60, 1);
    const { result, confidence } = await session.feed(readingOf('running', 100));
    expect(result).toBe('running');
    expect(confidence).toBeGreaterThan(0.5);
    expect(confidence).toBeLessThanOrEqual(1);
    await expectKnown(session, ['idle', 'running'], 200);
    expect(session.taught!.figures).toMatchObject({ classes: ['idle', 'running'], labels: 60, today: { lessons: 60 } });
  });

  it('counts no answer as wrong that was never given', async () => {
    const session = open();
    await teach(session, ['idle', 'running'], 1);
    const none = { base: null, adapted: null, served: null };
    expect(session.taught!.figures).toMatchObject({ labels: 1, judged: 0, accuracy: none });
    const outcomes = await teach(session, ['idle', 'running'], 20, 1);
    const right = outcomes.filter(({ result }, k) => result === ['running', 'idle'][k % 2]).length;
    expect(20 * session.taught!.figures.accuracy.served!).toBe(right);
    expect(session.taught!.figures).toMatchObject({ labels: 21, judged: 20 });
    await session.returnToBase();
    expect(session.taught!.figures.accuracy).toEqual(none);
    await teach(session, ['idle', 'running'], 1, 21);
    expect(session.taught!.figures.accuracy).toEqual(none);
    await session.settle();
    await teach(session, ['running'], 1, 22);
    expect(session.taught!.figures.accuracy.served).not.toBeNull();
  });

  it('says what its base alone would have said, by which its figures count', async () => {
    const session = open();
    expect((await session.feed(readingOf('idle', 0))).base).toBeUndefined();
    await teach(session, ['idle', 'running'], 40);
    await session.settle();
    // From here on what was idle is called fault: the base does not know.
    const counts = { right: 0, idle: 0, result: 0 };
    for (let k = 40; k < 80; k++) {
      const { base, result } = await session.feed(readingOf(['idle', 'running'][k % 2]!, k));
      const name = ['fault', 'running'][k % 2]!;
      if (base === name) counts.right++;
      if (base === 'idle') counts.idle++;
      if (result === name) counts.result++;
      await session.teach(label(name));
    }
    const { accuracy } = session.taught!.figures;
    expect(40 * accuracy.base!).toBe(counts.right);
    expect(40 * accuracy.served!).toBe(counts.result);
    expect(counts.idle).toBeGreaterThan(17);
    const { base } = await session.feed(readingOf('idle', 90));
    await session.returnToBase();
    expect((await session.feed(readingOf('idle', 90))).result).toBe(base);
  });

  it('knows what the newest windows were said to be, until that is taken back', async () => {
    const session = open();
    for (let k = 0; k < 70; k++) await session.feed(readingOf('idle', k));
    await session.teach(label('idle', 68_000));
    await session.teach(label('fault'));
    const said = () => session.taught!.labels.filter(({ label }) => label !== undefined);
    expect(session.taught!.labels.map(({ time }) => time)).toEqual(
      Array.from({ length: 64 }, (_, k) => 6000 + 1000 * k),
    );
    expect(said()).toEqual([
      { time: 68_000, label: 'idle' },
      { time: 69_000, label: 'fault' },
    ]);
    await session.takeBack();
    expect(said()).toEqual([{ time: 68_000, label: 'idle' }]);
  });

  it('takes a class that comes while it runs, and no more than there is room for', async () => {
    const session = open();
    await teach(session, ['idle', 'running'], 60);
    await teach(session, ['fault'], 12, 60);
    expect(session.taught!.figures.classes).toEqual(['idle', 'running', 'fault']);
    expect(await rightOf(session, ['idle', 'running', 'fault'], 200)).toBeGreaterThan(0.9);
    await teach(session, ['fault'], 1, 300);
    await session.feed(readingOf('idle', 301));
    await session.teach(label('fourth'));
    await session.feed(readingOf('idle', 302));
    await expect(session.teach(label('fifth'))).rejects.toMatchObject({ code: 'input' });
    await expect(session.teach(label('unknown'))).rejects.toThrow('expected the name of a class');
  });

  it('learns what is said late as what is said at once', async () => {
    const [prompt, late] = [open(), open()];
    const states = Array.from({ length: 50 }, (_, k) => ['idle', 'running', 'fault'][k % 3]!);
    for (const session of [prompt, late])
      for (const [k, state] of states.entries()) await session.feed(readingOf(state, k));
    for (const [k, state] of states.entries()) await late.teach(label(state, 1000 * k + 999));
    const again = open();
    for (const [k, state] of states.entries()) await again.feed(readingOf(state, k));
    for (const [k, state] of states.entries()) await again.teach(label(state, 1000 * k));
    const [a, b] = [await late.feed(readingOf('fault', 60)), await again.feed(readingOf('fault', 60))];
    expect(a.result).toBe('fault');
    expect(a.confidence).toBe(b.confidence);
    for (let k = 61; k < 200; k++) await late.feed(readingOf('idle', k));
    expect(await late.teach(label('fault', 60_000))).toBe('forgotten');
    expect(await late.teach(label('idle', 140_000))).toBe('applied');
  });

  it('goes on after save and restore exactly as without them, also with late labels', async () => {
    const one = open();
    await teach(one, ['idle', 'running', 'fault'], 40);
    for (let k = 40; k < 60; k++) await one.feed(readingOf('fault', k));
    const bytes = await one.save();
    const other = open();
    await other.restore(bytes);
    for (const session of [one, other]) await session.teach(label('fault', 45_000));
    const [a, b] = [await teach(one, ['running', 'fault'], 20, 60), await teach(other, ['running', 'fault'], 20, 60)];
    const comparable = (outcomes: Outcome[]) => outcomes.map(({ result, confidence }) => [result, confidence]);
    expect(comparable(a)).toEqual(comparable(b));
    expect(other.taught!.figures).toEqual(one.taught!.figures);
    expect(other.taught!.confusion).toEqual(one.taught!.confusion);
    expect(Buffer.compare(await one.save(), await other.save())).toBe(0);
  });

  it('keeps what it was taught when the engine or the number form of its front changes', async () => {
    const model = classifier();
    const one = open(model);
    await teach(one, ['idle', 'running'], 60);
    const other = open(model, { engine: 'clocked' });
    expect((await other.restore(await one.save())).learnedOnly).toBeDefined();
    await expectKnown(other, ['idle', 'running'], 200);
    const integer = open(quantize(model, { bits: 8 }), { engine: 'clocked' });
    await teach(integer, ['idle', 'running'], 60);
    await expectKnown(integer, ['idle', 'running'], 200);
  });

  it('undoes the last lesson bit for bit', async () => {
    const session = open();
    await teach(session, ['idle', 'running'], 30);
    await session.feed(readingOf('idle', 30));
    const before = await session.save();
    await session.teach(label('fault'));
    expect(session.taught!.figures.classes).toContain('fault');
    expect(await session.takeBack()).toBe(true);
    const after = await session.save();
    // The lesson of the day stays counted.
    expect(session.taught!.figures).toMatchObject({ classes: ['idle', 'running'], today: { lessons: 31 } });
    expect(await openTaught(after)).toEqual(await openTaught(before));
    expect(await session.takeBack()).toBe(false);
    // What another state has learned is not undone by the memory of this one.
    await session.teach(label('fault'));
    await session.restore(before);
    expect(await session.takeBack()).toBe(false);
    expect(Buffer.compare(await session.save(), before)).toBe(0);
  });

  it('counts as many answers by label as labels, whatever is asked of it', async () => {
    const session = open();
    const counted = () => session.taught!.confusion.flat().reduce((sum, count) => sum + count, 0);
    const asks = [() => session.settle(), () => session.returnToBase(), () => session.takeBack()];
    for (const [k, ask] of [1, 2, 0, 2, 1, 1, 2, 0, 1].entries()) {
      await teach(session, ['idle', 'running'], 5, 10 * k);
      await asks[ask]!();
      expect(counted()).toBe(session.taught!.figures.labels);
    }
  });

  it('takes no lesson while learning is off, and says so', async () => {
    const session = open();
    await teach(session, ['idle', 'running'], 20);
    await session.setLearning(false);
    await session.feed(readingOf('idle', 50));
    const before = await session.save();
    expect(await session.teach(label('running'))).toBe('frozen');
    expect(Buffer.compare(await session.save(), before)).toBe(0);
    // Nor does it learn what is usual from readings: 64 windows are the next from which it would.
    for (let k = 51; k < 120; k++) await session.feed({ time: 1000 * k, values: Float64Array.of(1, 1) });
    expect(await openTaught(await session.save())).toEqual(await openTaught(before));
    await session.setLearning(true);
    expect(await session.teach(label('idle'))).toBe('applied');
  });

  it('goes back to its base, and forgets all of it on reset', async () => {
    const session = open();
    await teach(session, ['idle', 'running'], 60);
    await session.settle();
    expect(session.taught!.figures.labels).toBe(0);
    // Somebody says everything the wrong way round.
    for (let k = 60; k < 160; k++) {
      await session.feed(readingOf(k % 2 === 0 ? 'idle' : 'running', k));
      await session.teach(label(k % 2 === 0 ? 'running' : 'idle'));
    }
    await session.returnToBase();
    await expectKnown(session, ['idle', 'running'], 200);
    await session.reset();
    expect((await session.feed(readingOf('idle', 300))).result).toBeUndefined();
  });

  it('refuses what only a net with such a read-out can do', async () => {
    const net = new NetworkBuilder();
    const input = net.input('in', 1, { type: 'direct', parameters: { range: [0, 1] } });
    net.output('out', input, { type: 'count', parameters: {} });
    const session = open(net.model({ sample: { steps: 2, between: 'reset' } }));
    for (const ask of [() => session.takeBack(), () => session.settle(), () => session.returnToBase()])
      await expect(ask()).rejects.toMatchObject({ code: 'learning' });
  });
});

/** What a saved state answers to each state, and its counts. */
async function openTaught(bytes: Uint8Array) {
  const session = open();
  await session.restore(bytes);
  const answers = [];
  for (const state of Object.keys(PLACES)) {
    const { result, confidence } = await session.feed(readingOf(state, 500));
    answers.push([result, confidence]);
  }
  const { labels, accuracy } = session.taught!.figures;
  return { answers, labels, accuracy, confusion: session.taught!.confusion };
}
