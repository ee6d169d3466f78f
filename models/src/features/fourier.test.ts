import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import { formatModel, parseModel } from '../file/text/model.ts';
import { FeatureChain } from './chain.ts';

const isLoaded = () => Object.keys(createRequire(import.meta.url).cache).some((path) => path.includes('fft.js'));

it('the Fourier transform is loaded by the first feature that needs it, not before', () => {
  const model = parseModel({
    nodes: { in: { type: 'Input', shape: [1] }, out: { type: 'Output', shape: [1] } },
    edges: [['in', 'out']],
    features: { in: [{ type: 'window', length: 8 }, { type: 'rms' }] },
    encoder: { in: { type: 'direct' } },
  });
  formatModel(model);
  expect(isLoaded()).toBe(false);
  const spectrum = { type: 'band-energies', parameters: { sampleRate: 8, bands: 1 } };
  new FeatureChain('test', [{ type: 'window', parameters: { length: 8 } }, spectrum], 1);
  expect(isLoaded()).toBe(true);
});
