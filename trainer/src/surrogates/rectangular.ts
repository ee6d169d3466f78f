import type { Surrogate } from './surrogate.ts';

/** Rectangle of width a (STBP, Wu et al. 2018, h₁): h(x) = 1/a for |x| < a/2, else 0. */
export function rectangular(width = 1): Surrogate {
  return {
    name: 'rectangular',
    derivative: (x) => (Math.abs(x) < width / 2 ? 1 / width : 0),
    primitive: (x) => 0.5 + Math.max(-width / 2, Math.min(width / 2, x)) / width,
    lower(onnx, x) {
      const inside = onnx.emit('Less', [onnx.emit('Abs', [x]), onnx.scalar(width / 2)]);
      return onnx.emit('Mul', [onnx.emit('Cast', [inside], { to: 1 }), onnx.scalar(1 / width)]);
    },
  };
}
