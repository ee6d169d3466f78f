import { createRequire } from 'node:module';

/** What is used of fft.js: the transform of real samples, Σ x_n e^(−2πikn/N), of which it writes the lines 0 … N/2. */
interface RealTransform {
  /** `out` takes 2·N numbers, real and imaginary parts in turn. */
  realTransform(out: Float64Array, samples: Float64Array): void;
  /** Back from all N lines: 1/N·Σ X_k e^(2πikn/N), both as such pairs. */
  inverseTransform(out: Float64Array, lines: Float64Array): void;
}

/**
 * The transform of `size` samples, a power of two from 4. The package is loaded when the first is made, and by the
 * loader of CommonJS: a net without spectra pays nothing for it, one with them not the 12 MB that importing CommonJS
 * costs.
 */
export function realTransform(size: number): RealTransform {
  const Transform = createRequire(import.meta.url)('fft.js') as new (size: number) => RealTransform;
  return new Transform(size);
}
