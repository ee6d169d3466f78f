import { expect, it } from 'vitest';
import { FeatureChain } from '../chain/chain.ts';

/** The energies of 8 bands of 16 Hz of a frame of 256 samples at 256 Hz. */
function energiesOf(type: string, x: (k: number) => number): Float64Array {
  const stages = [
    { type: 'block', parameters: { length: 256 } },
    { type: 'window', parameters: { length: 256 } },
    { type, parameters: { sampleRate: 256, bands: 8 } },
  ];
  const chain = new FeatureChain('test', stages, 8);
  chain.take(Array.from({ length: 256 }, (_, k) => x(k)));
  return chain.values;
}

it('finds the rate of a modulation that the spectrum has at its carrier only', () => {
  // |cos| of the carrier has its own lines at 2·96 Hz, which fold to 64 Hz, and side lines 20 Hz beside them.
  const modulated = (k: number) =>
    5 + (1 + 0.9 * Math.cos((2 * Math.PI * 20 * k) / 256)) * Math.cos((2 * Math.PI * 96 * k) / 256);
  const spectrum = energiesOf('band-energies', modulated);
  const envelope = energiesOf('envelope-energies', modulated);
  expect(spectrum[1]! / Math.max(...spectrum.subarray(2))).toBeLessThan(1e-9);
  expect(envelope.indexOf(Math.max(...envelope))).toBe(1);
});

it('of a square wave around any mean is nothing: its envelope is constant', () => {
  for (const energy of energiesOf('envelope-energies', (k) => 7 + (k % 2 === 0 ? 3 : -3))) {
    expect(energy).toBeCloseTo(0, 20);
  }
});
