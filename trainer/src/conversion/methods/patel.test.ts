import { expect, it } from 'vitest';
import { type ConversionSite, parametersOf } from '../method.ts';
import { patel } from './patel.ts';

it('takes activations for rates, and scales only layers in which they are above a spike a step', async () => {
  const layer = (...positive: number[]) => ({ positive: Float32Array.from(positive), negativeShare: 0 });
  const activations = new Map([
    ['rates', layer(0.25, 0.5)],
    ['others', layer(0.5, 2, 3)],
  ]);
  const site = { activations } as unknown as ConversionSite;
  const { scales, reset, start } = await patel.balance(site, parametersOf(patel, { percentile: 100 }));
  expect({ reset, start }).toEqual({ reset: 'value', start: 0.5 });
  expect([...scales]).toEqual([
    ['rates', 1],
    ['others', 3],
  ]);
});
