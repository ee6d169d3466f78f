import { multiply, scale } from '../graph/operations/elementwise.ts';
import { exponential } from '../graph/operations/functions.ts';
import type { Surrogate } from '../graph/operations/spike.ts';
import { kind } from '../kinds/kind.ts';

export const gaussian = kind({
  name: 'gaussian',
  summary: 'e^(−x²/2a)/√(2πa) (Wu et al. 2018, h₄)',
  parameters: { variance: { doc: 'a', form: 'number', default: 0.25, above: 0 } },
  prepare({ variance }): Surrogate {
    const height = 1 / Math.sqrt(2 * Math.PI * variance);
    return {
      slope: (x) => scale(exponential(scale(multiply(x, x), -1 / (2 * variance))), height),
      soft: (x) => 0.5 * (1 + errorFunction(x / Math.sqrt(2 * variance))),
    };
  },
});

/** erf by the series 2/√π·e^(−x²)·Σ 2ⁿx^(2n+1)/(2n+1)!!, all of one sign; beyond ±6 it is ±1 in float64. */
function errorFunction(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x ** 2) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-(x ** 2)) * sum;
}
