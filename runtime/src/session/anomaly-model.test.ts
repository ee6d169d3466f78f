import { clockedEngine } from '@spikewire/engine';
import { InProcessExecutor } from '@spikewire/engine/executor';
import {
  anomalyModel,
  monitorKindOf,
  RandomGenerator,
  readSafetensors,
  tensor,
  writeSafetensors,
} from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { Session } from './session.ts';

const channels = [{ name: 'temperature', unit: '°C' }];

type Stream = () => number;

/** Streams that go nowhere. Each begins anew with a seed. */
const streams: Readonly<Record<string, (seed: number) => Stream>> = {
  sine: (seed) => wave(seed, 48, 1, 0.02),
  'day cycle': (seed) => wave(seed, 1440, 5, 0.1),
  'random walk': (seed) => {
    const random = new RandomGenerator(seed, 'walk');
    let value = 20;
    return () => (value += 0.1 * random.nextNormal());
  },
};

function wave(seed: number, period: number, amplitude: number, deviation: number): Stream {
  const random = new RandomGenerator(seed, 'noise');
  let k = 0;
  return () => 20 + amplitude * Math.sin((2 * Math.PI * k++) / period) + deviation * random.nextNormal();
}

/** A net on a stream, one reading a second. */
function watched(monitors = {}) {
  const model = anomalyModel({ channels, monitors });
  let now = 0;
  const session = new Session(model, new InProcessExecutor(clockedEngine, model), { clock: () => now });
  /** What flags each of so many readings, or is to be said of it. */
  async function feed(readings: number, stream: Stream): Promise<string[][]> {
    const said: string[][] = [];
    for (let k = 0; k < readings; k++) {
      now += 1e6;
      const { verdicts } = await session.feed({ time: now / 1000, values: Float64Array.of(stream()) });
      said.push(verdicts.flatMap(({ monitor, anomaly, note }) => (anomaly ? [monitor] : (note ?? []))));
    }
    return said;
  }
  return { session, feed };
}

const BESIDE_RANGE = 85;

describe.each(Object.keys(streams))('the model for what is unusual, on a %s', (name) => {
  it.each([1, 2, 3])('is quiet within 50 readings of a move by 3 °C (seed %i)', async (seed) => {
    const { feed } = watched();
    const stream = streams[name]!(seed);
    await feed(2500, stream);
    const moved = await feed(300, () => stream() + 3);
    expect(moved.slice(50).flat()).toEqual([]);
  });
});

describe('the model for what is unusual', () => {
  it('has warmed up after 400 readings, and finds a fault from then on, though slower monitors join later', async () => {
    const { session, feed } = watched();
    const stream = streams.sine!(1);
    await feed(380, stream);
    expect(session.warmUp).toMatchObject({ of: 400 });
    expect(session.warmUp.done).toBeLessThan(400);
    await feed(40, stream);
    expect(session.warmUp).toEqual({ done: 400, of: 400 });
    const [said] = await feed(1, () => 30);
    expect(said).toContain('next-reading');
  });

  it('finds 30 °C after twenty readings of 85 °C', async () => {
    const { feed } = watched();
    const stream = streams.sine!(4);
    await feed(2500, stream);
    expect((await feed(20, () => BESIDE_RANGE)).filter((flags) => flags.length > 0)).toHaveLength(20);
    await feed(100, stream);
    expect((await feed(1, () => 30))[0]).toContain('next-reading');
  });

  it('never takes a sensor that is stuck for a new level', async () => {
    const { feed } = watched();
    await feed(2500, streams.sine!(5));
    const said = await feed(2000, () => 24);
    expect(said.slice(50).every((flags) => flags.includes('next-reading') && flags.includes('stuck'))).toBe(true);
    expect(said.flat()).not.toContain('new level');
  });

  it.each([100, 3600])(
    'calls normal what all monitors flagged %d readings ago, and the same is quiet then',
    async (later) => {
      const { session, feed } = watched();
      const stream = streams.sine!(7);
      const fault = () => feed(3, () => 28);
      await feed(2500, stream);
      const flagged = new Set((await fault()).flat());
      expect([...flagged]).toEqual(expect.arrayContaining(['next-reading', 'jump', 'extremum', 'surprise']));
      await feed(later, stream);
      const saved = await session.save();
      await session.reset();
      await session.restore(saved);
      const { first, changes } = session.monitors.accept()!;
      expect(first).toBe(2501);
      for (const name of flagged) {
        const { title } = monitorKindOf(name, '');
        const words = `limits? of “${title}” of temperature|^temperature .* no longer counts as “${title}”$`;
        expect(changes).toContainEqual(expect.stringMatching(words));
      }
      expect((await fault()).flat().filter((name) => flagged.has(name))).toEqual([]);
      expect((await feed(3, () => 40)).flat()).toEqual(expect.arrayContaining(['jump', 'extremum', 'surprise']));
    },
  );

  it('calls normal the stretch that is named by a time, and says where there is none', async () => {
    const { session, feed } = watched();
    const stream = streams.sine!(9);
    await feed(2500, stream);
    await feed(1, () => 28);
    await feed(200, stream);
    await feed(1, () => 10);
    await feed(200, stream);
    // Reading k was taken k seconds after the start.
    expect(session.monitors.accept({ time: 1_000_000 })).toBeUndefined();
    expect(session.monitors.lastFlagged).toBeGreaterThanOrEqual(2702);
    expect(session.monitors.accept({ time: 2_501_000 })).toMatchObject({ first: 2501 });
    expect((await feed(1, () => 28)).flat()).not.toContain('next-reading');
    await feed(100, stream);
    expect((await feed(1, () => 5)).flat()).toContain('next-reading');
  });

  it('goes on from a state of before stretches were remembered', async () => {
    const { session, feed } = watched();
    await feed(500, streams.sine!(8));
    const { tensors, metadata } = readSafetensors(await session.save(), { allowNonFinite: true });
    const isNew = (name: string) => /\.(flagged|units|reached|accepted(Low|High))$/.test(name);
    const former = new Map([...tensors].filter(([name]) => !isNew(name)));
    for (const type of ['extremum', 'surprise', 'pair-novelty', 'sequence']) {
      former.delete(`monitor.${type}.acceptedLeft`);
      former.set(`monitor.${type}.accepted`, tensor(new Float64Array(3)));
    }
    const next = watched();
    await next.session.restore(writeSafetensors(former, metadata));
    for (const [k, { name, warmUp }] of next.session.monitors.watches.entries())
      expect([name, warmUp]).toEqual([name, session.monitors.watches[k]!.warmUp]);
  });

  it('flags again what was called normal, once that has not come for long', async () => {
    const { session, feed } = watched({ normalFor: 200 });
    const stream = streams.sine!(6);
    const spike = async () => (await feed(1, () => stream() + 5))[0]!;
    await feed(2500, stream);
    expect(await spike()).toContain('next-reading');
    session.monitors.accept();
    await feed(100, stream);
    expect(await spike()).not.toContain('next-reading');
    await feed(300, stream);
    expect(await spike()).toContain('next-reading');
  });
});
