import { clockedEngine } from '@spikewire/engine';
import { InProcessExecutor } from '@spikewire/engine/executor';
import { nextReadingModel, RandomGenerator, type Verdict } from '@spikewire/models';
import { beforeAll, describe, expect, it } from 'vitest';
import { Session } from './session.ts';

const model = nextReadingModel({ channels: [{ name: 'temperature', unit: '°C' }] });
const LEARNED = 1000;

const open = () => new Session(model, new InProcessExecutor(clockedEngine, model), { clock: () => 0 });

/** A room: a wave of ±1 °C, with noise. */
function room(seed = 1) {
  const random = new RandomGenerator(seed, 'noise');
  return (k: number) => 20 + Math.sin(k / 8) + 0.02 * random.nextNormal();
}

type Wave = (k: number) => number;

/** Feeds so many readings of a wave and returns what its monitor says. */
async function feed(session: Session, readings: number, wave: Wave): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (let n = 0; n < readings; n++) {
    const k = session.sequence;
    verdicts.push(...(await session.feed({ time: 1000 * k, values: Float64Array.of(wave(k)) })).verdicts);
  }
  return verdicts;
}

const flagsOf = (verdicts: readonly Verdict[]) => verdicts.filter(({ anomaly }) => anomaly).length;

describe('a net that predicts, holds what it knows while it flags, and follows', () => {
  let learned: Uint8Array;
  const reopened = async () => {
    const session = open();
    await session.restore(learned);
    return session;
  };

  beforeAll(async () => {
    const session = open();
    expect(flagsOf(await feed(session, LEARNED, room()))).toBe(0);
    learned = await session.save();
  });

  it('is quiet within 50 readings of a move by 3 °C, says it, and a spike scores as before', async () => {
    const session = await reopened();
    const wave = room(2);
    const [before] = await feed(session, 1, (k) => wave(k) + 5);
    await feed(session, 100, wave);
    const moved = await feed(session, 400, (k) => wave(k) + 3);
    expect(moved[0]).toMatchObject({ anomaly: true, alarm: true });
    expect(flagsOf(moved.slice(50))).toBe(0);
    expect(moved.filter(({ note }) => note === 'new level').length).toBe(1);
    const [after] = await feed(session, 1, (k) => wave(k) + 8);
    expect(after!.score / before!.score).toBeGreaterThan(0.5);
    expect(after!.score / before!.score).toBeLessThan(2);
  });

  it('predicts at a new level as well as before, however far away that is', async () => {
    for (const distance of [10, 100, -3000]) {
      const wave = room(9);
      const moved = await feed(await reopened(), 100, (k) => wave(k) + distance);
      const adopted = moved.findIndex(({ note }) => note !== undefined);
      expect(adopted).toBeGreaterThan(0);
      const scores = moved.slice(adopted + 1).map(({ score }) => score);
      expect(Math.max(...scores)).toBeLessThan(3);
    }
  });

  it.each([
    ['the same', () => 85],
    ['a noisy', (k: number) => 85 + 0.2 * Math.sin(7 * k)],
    ['a wild', (k: number) => 85 + 30 * Math.sin(7 * k)],
  ])('finds 30 °C after twenty readings of %s 85 °C', async (_, absurd) => {
    const session = await reopened();
    expect(flagsOf(await feed(session, 20, absurd))).toBe(20);
    expect(flagsOf(await feed(session, 100, room(3)))).toBeLessThan(3);
    expect((await feed(session, 1, () => 30))[0]).toMatchObject({ anomaly: true, alarm: true });
  });

  it('says no new level after a spike', async () => {
    const session = await reopened();
    const wave = room(8);
    const spike = await feed(session, 200, (k) => wave(k) + (k === LEARNED ? 5 : 0));
    expect(spike[0]).toMatchObject({ anomaly: true });
    expect(spike.some(({ note }) => note !== undefined)).toBe(false);
  });

  it.each([5, 20])('says no new level after a spike of ten readings by %i °C on a slow wave', async (height) => {
    const session = open();
    const wave = (k: number) => 20 + 5 * Math.sin((2 * Math.PI * k) / 1440);
    await feed(session, 1500, wave);
    const spike = await feed(session, 10, (k) => wave(k) + height);
    expect(flagsOf(spike)).toBeGreaterThan(0);
    expect((await feed(session, 200, wave)).filter(({ note }) => note !== undefined)).toEqual([]);
    const moved = await feed(session, 100, (k) => wave(k) + height);
    expect(moved.some(({ note }) => note === 'new level')).toBe(true);
  });

  it('never adopts a sensor that is stuck outside its range, and goes on from what it knew', async () => {
    const session = await reopened();
    expect(flagsOf(await feed(session, 2000, () => 24))).toBe(2000);
    expect(flagsOf(await feed(session, 100, room(4)))).toBeLessThan(3);
  });

  it('follows a slow drift over ten times its range without a flag, and finds a spike there', async () => {
    const session = await reopened();
    const wave = room(5);
    const drift = (k: number) => wave(k) + 0.002 * (k - LEARNED);
    expect(flagsOf(await feed(session, 6000, drift))).toBe(0);
    expect((await feed(session, 1, (k) => drift(k) + 5))[0]).toMatchObject({ anomaly: true });
  });

  it('becomes quiet where errors have become ten times as large for good, but not at once', async () => {
    const session = await reopened();
    const random = new RandomGenerator(6, 'rough');
    const rough = () => 20 + 1.5 * random.nextNormal();
    const verdicts = await feed(session, 3000, rough);
    expect(flagsOf(verdicts.slice(0, 300))).toBeGreaterThan(30);
    expect(flagsOf(verdicts.slice(2000))).toBeLessThan(20);
  });

  it('goes on bit for bit from a state saved in the middle of a move', async () => {
    const session = await reopened();
    const moved = (k: number) => 23 + Math.sin(k / 8);
    await feed(session, 15, moved);
    const twin = open();
    await twin.restore(await session.save());
    const rest = await feed(session, 60, moved);
    expect(rest.some(({ note }) => note === 'new level')).toBe(true);
    expect(await feed(twin, 60, moved)).toEqual(rest);
  });

  it('says what it then expects, also where the range moved meanwhile', async () => {
    const session = await reopened();
    let said: unknown;
    for (let k = 0; k < 100; k++) {
      const outcome = await session.feed({ time: 1000 * k, values: Float64Array.of(24 + Math.sin(k / 8)) });
      if (k > 0) expect(outcome.expected).toEqual(said);
      said = outcome.result;
    }
  });

  it('follows nothing when learning is off', async () => {
    const session = await reopened();
    await session.setLearning(false);
    const moved = await feed(session, 200, (k) => room()(k) + 6);
    expect(flagsOf(moved)).toBe(200);
    expect(moved.some(({ note }) => note !== undefined)).toBe(false);
  });
});
