import { RandomGenerator } from '@spikewire/models';
import { classifierModel, engineNamed, featureCandidates, writeModel } from 'spikewire';
import { inProcess } from 'spikewire/executor';
import { NetPool } from 'spikewire/session';
import { describe, expect, it } from 'vitest';
import { classifierBytes, shapeOf, trainedBytes } from './classifier-model.ts';

const bytesOf = (payload: unknown) => new TextEncoder().encode(JSON.stringify(payload));

/** The samples that a net encodes of readings, those that complete none left out. */
async function samplesOf(model: Uint8Array, readings: readonly (readonly number[])[]): Promise<number[][]> {
  const pool = new NetPool(model, inProcess(engineNamed('clocked')));
  const samples: number[][] = [];
  await pool.use('', async (kept) => {
    for (const [time, values] of readings.entries()) {
      const outcome = await kept.feed({ time, values: Float64Array.from(values) });
      if (outcome.pending !== true) samples.push([...outcome.values]);
    }
  });
  await pool.close();
  return samples;
}

describe('a trained model that takes blocks', () => {
  const channels = ['x', 'y'].map((name) => ({ name, unit: '' }));
  const models = [{ block: 32 }, { block: 48 }, { block: 128, rate: 100 }].flatMap((shape) =>
    featureCandidates(shape).map(({ name, stages }) => [name, shape.block, stages] as const),
  );

  it.each(models)('%s of %i: sees the same in single samples', async (_, block, stages) => {
    const standardise = { mean: 0, deviation: 1 };
    const bytes = writeModel(classifierModel({ channels, features: stages, standardise, running: false, neurons: 8 }));
    const random = new RandomGenerator(1, 'samples');
    const singles = Array.from({ length: 6 * block }, () => [random.nextNormal(), 2 + random.nextNormal()]);
    const blocks = Array.from({ length: 6 }, (_, k) => {
      const own = singles.slice(k * block, (k + 1) * block);
      return [...own.map(([x]) => x!), ...own.map(([, y]) => y!)];
    });
    const single = trainedBytes(bytes, { channels: ['x', 'y'], numbers: 2 });
    expect(trainedBytes(bytes, { channels: ['x', 'y'], numbers: 2 * block })).toBe(bytes);
    const expected = await samplesOf(bytes, blocks);
    expect(expected.length).toBeGreaterThan(0);
    expect(await samplesOf(single, singles)).toEqual(expected);
  });
});

it.each([
  [5, { channels: [], numbers: 1 }],
  [[1, 2, 3], { channels: [], numbers: 3 }],
  [
    { t: 1, values: { b: 1, a: 2 } },
    { channels: ['b', 'a'], numbers: 2 },
  ],
  [{ x: [1, 2, 3, 4] }, { channels: ['x'], numbers: 4 }],
  [Array(300).fill(1), { channels: ['value'], numbers: 300 }],
])('a first message %j says what all hold, and makes the same model each time', (payload, shape) => {
  expect(shapeOf(bytesOf(payload), {})).toEqual(shape);
  const settings = { takes: 'readings', rate: undefined } as const;
  expect(classifierBytes(shape, settings)).toEqual(classifierBytes(shape, settings));
});

it.each(
  ['hello', [], {}, null, { x: 'a', y: 1 }, Array(70_000).fill(1), { x: Array(70_000).fill(1) }].map((payload) => ({
    payload,
  })),
)('a first message that is not a reading, or too large a one, says nothing', ({ payload }) => {
  // What is no number is no channel, but the reading has to be whole.
  const form = { paths: new Map([['x', ['x']]]) };
  expect(() => shapeOf(bytesOf(payload), Array.isArray(payload) ? {} : form)).toThrow(
    expect.objectContaining({ code: 'input' }),
  );
});
