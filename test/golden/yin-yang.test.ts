import { readFileSync } from 'node:fs';
import { readNpy } from 'spikewire';
import { expect, it } from 'vitest';
import { yinYangAt } from '../../trainer/src/data/yin-yang.ts';
import { needsRecorded } from './data.ts';

it('yin-yang: the figure says of the published points what their publication says', (context) => {
  const folder = needsRecorded(context, 'yin-yang');
  const read = (name: string) => readNpy(readFileSync(`${folder}${name}.npy`)).values;
  const counts: Record<string, number> = {};
  for (const part of ['train', 'validation', 'test']) {
    const [samples, labels] = [read(`${part}_samples`), read(`${part}_labels`)];
    for (const [k, label] of labels.entries()) {
      const key = `${label} is ${yinYangAt(samples[4 * k]!, samples[4 * k + 1]!)}`;
      counts[key] = (counts[key] ?? 0) + 1;
    }
  }
  expect(Object.keys(counts).sort()).toEqual(['0 is yin', '1 is yang', '2 is dot']);
  expect(Object.values(counts).reduce((sum, count) => sum + count)).toBe(7000);
});
