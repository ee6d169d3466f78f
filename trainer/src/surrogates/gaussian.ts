import type { Surrogate } from './surrogate.ts';

/** Gaussian of variance a (STBP, Wu et al. 2018, h₄): h(x) = e^(−x²/2a)/√(2πa). */
export function gaussian(variance = 0.25): Surrogate {
  const height = 1 / Math.sqrt(2 * Math.PI * variance);
  return {
    name: 'gaussian',
    derivative: (x) => height * Math.exp(-(x ** 2) / (2 * variance)),
    primitive: (x) => 0.5 * (1 + errorFunction(x / Math.sqrt(2 * variance))),
    lower(onnx, x) {
      const exponent = onnx.emit('Mul', [onnx.emit('Mul', [x, x]), onnx.scalar(-1 / (2 * variance))]);
      return onnx.emit('Mul', [onnx.emit('Exp', [exponent]), onnx.scalar(height)]);
    },
  };
}

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
