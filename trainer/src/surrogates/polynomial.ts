import type { Surrogate } from './surrogate.ts';

/** Triangle (STBP, Wu et al. 2018, h₂): h(x) = √a/2 − a/4·|x| for |x| < 2/√a, else 0; area 1. */
export function polynomial(a = 2): Surrogate {
  const reach = 2 / Math.sqrt(a);
  const height = Math.sqrt(a) / 2;
  return {
    name: 'polynomial',
    derivative: (x) => Math.max(0, height - (a / 4) * Math.abs(x)),
    primitive(x) {
      const inside = Math.min(Math.abs(x), reach);
      return 0.5 + Math.sign(x) * (height * inside - (a / 8) * inside ** 2);
    },
    lower(onnx, x) {
      const fall = onnx.emit('Mul', [onnx.emit('Abs', [x]), onnx.scalar(a / 4)]);
      return onnx.emit('Relu', [onnx.emit('Sub', [onnx.scalar(height), fall])]);
    },
  };
}
