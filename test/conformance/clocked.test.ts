import { engineNamed, referenceEngine } from 'spikewire';
import type { LoadModel } from './engine-under-test.ts';
import { quantised } from './quantised.ts';
import { describeEngine } from './suite.ts';

const clocked = engineNamed('clocked');
// What float32 may lose against float64 over a run, of a membrane of about 1 (the golden NIR cases allow as much).
const float32 = { membrane: 1e-4, readOut: 1e-4 };
const int8 = { membrane: 5e-3, readOut: 1e-2 };
const integer = quantised(engineNamed('integer'));

for (const kernels of ['wasm', 'typescript'] as const) {
  const withKernels =
    (load: LoadModel): LoadModel =>
    (model, options) =>
      load(model, { ...options, kernels });
  const real = { load: referenceEngine.load, bitExact: false };
  describeEngine(`clocked float32 ${kernels}`, withKernels(clocked.load), float32, real);
  describeEngine(`clocked int8 ${kernels}`, withKernels(quantised(clocked)), int8, { load: integer, bitExact: true });
}
