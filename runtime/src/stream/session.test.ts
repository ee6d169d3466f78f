import { nextReadingModel, RandomGenerator, SpikewireError } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { referenceEngine } from '../engine/reference/reference.ts';
import { InProcessExecutor } from '../executor/in-process.ts';
import { type Outcome, Session } from './session.ts';

const model = nextReadingModel({
  channels: [{ name: 'temperature', unit: '°C' }],
  neurons: 40,
  rangeWarmUp: 50,
  monitor: { warmUp: 50 },
});

function openSession() {
  return new Session(model, new InProcessExecutor(referenceEngine, model), { clock: () => 0 });
}

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
    expect(await other.restore(bytes)).toBe('a note');
    expect(comparable(await feed(other, 260, 300, 3))).toEqual(comparable(straight));
  });

  it('a bad reading is refused and changes nothing', async () => {
    const one = openSession();
    const other = openSession();
    await feed(one, 0, 150);
    await feed(other, 0, 150);
    await expect(one.feed({ time: 0, values: Float64Array.of(Number.NaN) })).rejects.toThrow('expected a finite number');
    await expect(one.feed({ time: 0, values: Float64Array.of(1, 2) })).rejects.toThrow('has 2 values; expected 1');
    expect(comparable(await feed(one, 150, 170))).toEqual(comparable(await feed(other, 150, 170)));
  });

  it('a damaged state is refused with a typed error and leaves the net as it was', async () => {
    const one = openSession();
    const other = openSession();
    await feed(one, 0, 150);
    await feed(other, 0, 150);
    const bytes = await one.save();
    for (const broken of [bytes.subarray(0, 40), new Uint8Array(0), bytes.map((byte, k) => (k === 30 ? byte ^ 0xff : byte))]) {
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
    await expect(session.teach({ kind: 'label', label: 'warm', time: undefined })).rejects.toThrow('lesson.label: is "warm"');
  });
});
