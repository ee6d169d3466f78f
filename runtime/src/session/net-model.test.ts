import { engineNamed } from '@spikewire/engine';
import { inProcess } from '@spikewire/engine/executor';
import { classifierModel, writeModel } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { openSession } from './kept/open-session.ts';
import { readNetModel } from './net-model.ts';
import { NetPool } from './pool/net-pool.ts';

const channels = Array.from({ length: 64 }, (_, k) => ({ name: `x${k}`, unit: '' }));
const classifier = writeModel(classifierModel({ channels, labels: ['a', 'b'], neurons: 16 }));
const source = inProcess(engineNamed('reference'));

describe('the memory that a model may need', () => {
  it('holds the lessons that its nets keep, as large as they are in a state', async () => {
    const [without, withLessons] = [false, true].map((keepLessons) => readNetModel(classifier, undefined, keepLessons));
    const bytesOf = async (keepLessons: boolean) => {
      const session = await openSession(readNetModel(classifier), source, { keepLessons });
      return (await session.save()).length;
    };
    const lessons = (await bytesOf(true)) - (await bytesOf(false));
    expect(lessons).toBeGreaterThan(100_000);
    expect(withLessons!.demand - without!.demand).toBeGreaterThanOrEqual(lessons - 1024);
  });

  it('is refused where only the lessons are too much, also by a pool and with another model', async () => {
    const memory = readNetModel(classifier).demand + 1000;
    expect(readNetModel(classifier, memory).demand).toBeLessThan(memory);
    const refusal =
      /^model: may need .* MB, with 0\.262 MB for the lessons that it keeps; expected at most .* MB in all$/;
    expect(() => readNetModel(classifier, memory, true)).toThrow(refusal);
    expect(() => new NetPool(classifier, source, { memory, keepLessons: true })).toThrow(refusal);
    const small = writeModel(classifierModel({ channels, labels: ['a', 'b'], neurons: 2 }));
    const pool = new NetPool(small, source, { memory: readNetModel(small, undefined, true).demand, keepLessons: true });
    await expect(pool.replaceModel(classifier)).rejects.toThrow(/^model: /);
    await pool.close();
  });
});
