import { RandomGenerator } from '@spikewire/models';
import { expect, it } from 'vitest';
import { standardOf } from '../samples/standard.ts';
import { frontCounts } from './front.ts';
import { byPerson, trainedClassifierOf } from './trained-front.ts';
import { baseView, runningView } from './views.ts';

const random = new RandomGenerator(1, 'samples');
const count = 120;
const labels = Int32Array.from({ length: count }, (_, n) => n % 2);
const raw: Float64Array[] = Array.from(labels, (label) =>
  Float64Array.from({ length: 3 }, (_, k) => 10 * k + (k === label ? 4 : 0) + random.nextNormal()),
);
const segments = Array.from(labels, (_, n) => (n % 3 === 0 ? 'zoe' : 'ann'));
const standard = standardOf(raw, 1e-3);
const base = byPerson({ raw, samples: baseView(raw, standard), labels, segments });

it('keeps each sample with its label, person by person', () => {
  expect(base.segments).toEqual([...Array(40).fill('zoe'), ...Array(80).fill('ann')]);
  for (const [n, values] of base.raw.entries()) {
    const before = raw.indexOf(values);
    expect([base.labels[n], base.segments[n]]).toEqual([labels[before], segments[before]]);
    expect(base.samples[n]).toEqual(baseView([values], standard)[0]);
  }
});

it('spikes in both halves as one net does: of what the base standardised, and of what follows the stream', async () => {
  const front = {
    net: { arch: '12-2', steps: 8, epochs: 3, batch: 16 },
    noisy: { copies: 1, deviation: 0.2 },
    decoder: {},
  };
  const options = { standard, classes: ['a', 'b'], neurons: 0, weighted: false, seed: 1 };
  const model = await trainedClassifierOf(options, base, front);
  const stream = raw.slice(0, 40).map((values) => values.map((value) => value + 3));
  const rows = await frontCounts(model, stream);
  expect(rows.some((row) => row.some((spikes) => spikes > 0))).toBe(true);
  // A sample that the base would have standardised to what the running view of the stream is.
  const moved = runningView(stream, standard).map((x) =>
    Float64Array.from(x, (value, k) => standard.mean[k]! + value * standard.deviation[k]!),
  );
  const asBase = await frontCounts(model, moved);
  for (const [n, row] of rows.entries()) expect(row.subarray(12)).toEqual(asBase[n]!.subarray(0, 12));
  const again = await frontCounts(model, [...stream].reverse());
  for (const [n, row] of [...again].reverse().entries()) expect(row.subarray(0, 12)).toEqual(rows[n]!.subarray(0, 12));
});
