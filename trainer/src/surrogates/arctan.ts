import type { Surrogate } from './surrogate.ts';

/** Arctangent (Fang et al. 2021, eq. 12): h(x) = α/2/(1 + (π/2·αx)²), area 1. */
export function arctan(alpha = 2): Surrogate {
  const stretch = (Math.PI / 2) * alpha;
  return {
    name: 'arctan',
    derivative: (x) => alpha / 2 / (1 + (stretch * x) ** 2),
    primitive: (x) => 0.5 + Math.atan(stretch * x) / Math.PI,
    lower(onnx, x) {
      const stretched = onnx.emit('Mul', [x, onnx.scalar(stretch)]);
      const square = onnx.emit('Mul', [stretched, stretched]);
      return onnx.emit('Div', [onnx.scalar(alpha / 2), onnx.emit('Add', [square, onnx.scalar(1)])]);
    },
  };
}
