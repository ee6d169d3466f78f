import { expect, it } from 'vitest';
import { extentFor } from './extent.ts';

it.each([
  [110, 8, 100],
  [660, 16, 49],
  [1100, 16, 30],
  [5120, 128, 50],
  [55_000, 128, 5],
  [1, 8, 100],
])('%i samples are learned by %i in %i epochs', (samples, batch, epochs) => {
  expect(extentFor(samples, {})).toEqual({ batch, epochs });
});

it('keeps what was chosen, and lets epochs follow the batch', () => {
  expect(extentFor(660, { batch: 330 })).toEqual({ batch: 330, epochs: 100 });
  expect(extentFor(660, { epochs: 2 })).toEqual({ batch: 16, epochs: 2 });
});
