// The build takes it into our own module (scripts/build/modules.mjs): it is CommonJS, which browsers do not load, and
// which costs Node 12 MB to import.
import Transform from 'fft.js';

/** What is used of fft.js: the transform of real samples, Σ x_n e^(−2πikn/N), of which it writes the lines 0 … N/2. */
interface RealTransform {
  /** `out` takes 2·N numbers, real and imaginary parts in turn. */
  realTransform(out: Float64Array, samples: Float64Array): void;
  /** Back from all N lines: 1/N·Σ X_k e^(2πikn/N), both as such pairs. */
  inverseTransform(out: Float64Array, lines: Float64Array): void;
}

/** The transform of `size` samples, a power of two from 4. */
export function realTransform(size: number): RealTransform {
  return new Transform(size);
}
