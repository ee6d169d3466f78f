import type { OnnxModelBuilder } from '../onnx/model-builder.ts';
import type { Surrogate } from './surrogate.ts';

/** h(x) = height/(1 + slope·|x|)². */
function hyperbolic(name: string, slope: number, height: number): Surrogate {
  return {
    name,
    derivative: (x) => height / (1 + slope * Math.abs(x)) ** 2,
    primitive: (x) => 0.5 + (height * x) / (1 + slope * Math.abs(x)),
    lower(onnx: OnnxModelBuilder, x) {
      const scaled = onnx.emit('Mul', [onnx.emit('Abs', [x]), onnx.scalar(slope)]);
      const root = onnx.emit('Reciprocal', [onnx.emit('Add', [scaled, onnx.scalar(1)])]);
      const square = onnx.emit('Mul', [root, root]);
      return height === 1 ? square : onnx.emit('Mul', [square, onnx.scalar(height)]);
    },
  };
}

/** The derivative of the fast sigmoid ½·(1 + kx/(1 + k|x|)): h(x) = k/2/(1 + k|x|)², area 1. */
export function fastSigmoid(slope = 4): Surrogate {
  return hyperbolic('fast-sigmoid', slope, slope / 2);
}

/** SuperSpike (Zenke and Ganguli 2018, section 3.3): h(x) = 1/(1 + β|x|)², height 1. */
export function superSpike(slope = 10): Surrogate {
  return hyperbolic('superspike', slope, 1);
}
