import type { Surrogate } from './surrogate.ts';

/** Derivative of the logistic function of temperature a (STBP, Wu et al. 2018, h₃): h(x) = σ(x/a)·(1 − σ(x/a))/a. */
export function sigmoid(temperature = 0.25): Surrogate {
  const logistic = (x: number) => 1 / (1 + Math.exp(-x / temperature));
  return {
    name: 'sigmoid',
    derivative: (x) => (logistic(x) * (1 - logistic(x))) / temperature,
    primitive: logistic,
    lower(onnx, x) {
      const value = onnx.emit('Sigmoid', [onnx.emit('Mul', [x, onnx.scalar(1 / temperature)])]);
      const product = onnx.emit('Mul', [value, onnx.emit('Sub', [onnx.scalar(1), value])]);
      return onnx.emit('Mul', [product, onnx.scalar(1 / temperature)]);
    },
  };
}
