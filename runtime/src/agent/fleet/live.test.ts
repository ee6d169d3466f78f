import { anomalyModel, classifierModel } from '@spikewire/models';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LARGEST_LIVE, liveValues } from './live.ts';

const channels = [{ name: 'level', unit: 'm' }];
const standardise = { mean: 0, deviation: 1 };
const CLASSIFIER = classifierModel({ channels, labels: ['low', 'high'], standardise, running: false, seed: 1 });
const PREDICTING = anomalyModel({ channels, seed: 1 });
const verdict = { score: 1.5, anomaly: true, alarm: false };

it('live values have what the newest outcome has', () => {
  expect(liveValues(3, CLASSIFIER)).toEqual({ readings: 3 });
  const all = { readings: 3, score: 1.5, anomaly: true, answer: 'low' };
  expect(liveValues(3, CLASSIFIER, { result: 'low', verdict })).toEqual(all);
  const unknown = { ...verdict, score: Number.NaN };
  expect(liveValues(3, CLASSIFIER, { verdict: unknown, result: Float64Array.of(2) })).toEqual({
    ...{ readings: 3, anomaly: true, answer: 2 },
  });
});

it('what a net expects of the next reading is not told', () => {
  const values = liveValues(3, PREDICTING, { result: Float64Array.of(20.5), verdict });
  expect(values).toEqual({ readings: 3, score: 1.5, anomaly: true });
});

it('they fit into a message, whatever they are', () => {
  const result = fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.float64Array({ maxLength: 3 }));
  const outcome = fc.record({
    result,
    verdict: fc.record({ score: fc.double(), anomaly: fc.boolean(), alarm: fc.boolean() }),
  });
  fc.assert(
    fc.property(fc.nat(), outcome, (readings, said) => {
      const text = JSON.stringify(liveValues(readings, CLASSIFIER, said));
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(LARGEST_LIVE);
      expect(text).not.toContain('null');
    }),
  );
});
