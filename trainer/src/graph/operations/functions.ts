import { divide, multiply, scale } from './elementwise.ts';
import type { Operation } from './operation.ts';
import { applyOne, type Value } from './value.ts';

/**
 * A function of one number, element by element: its ONNX operator, its float64 form and, where it is learned through,
 * its gradient.
 */
function unary(
  onnx: string,
  evaluate: (x: number) => number,
  gradient?: (x: Value, y: Value, g: Value) => Value,
): (x: Value) => Value {
  const operation: Operation<undefined> = {
    name: onnx.toLowerCase(),
    shapes: ([shape]) => [shape!],
    ...(gradient && { gradient: ({ inputs: [x], results: [y] }, [g]) => [gradient(x!, y!, g!)] }),
    lower: (builder, inputs) => [builder.emit(onnx, inputs)],
    evaluate: ([x]) => [x!.map((value) => evaluate(value))],
  };
  return (x) => applyOne(operation, [x], undefined);
}

export const absolute = unary('Abs', Math.abs);
export const exponential = unary('Exp', Math.exp, (_x, y, g) => multiply(g, y));
export const reciprocal = unary(
  'Reciprocal',
  (x) => 1 / x,
  (_x, y, g) => scale(multiply(g, multiply(y, y)), -1),
);
/** For x > 0; its gradient is g/2√x. */
export const squareRoot = unary('Sqrt', Math.sqrt, (_x, y, g) => scale(divide(g, y), 0.5));
/** 1 above 0, else 0, as the gradient of a rectifier. */
const positive = unary('Sign', (x) => Math.sign(x));
/** max(0, x). */
export const rectifier = unary(
  'Relu',
  (x) => Math.max(0, x),
  (_x, y, g) => multiply(g, positive(y)),
);
/** 1/(1 + e^(−x)). */
export const logistic = unary(
  'Sigmoid',
  (x) => 1 / (1 + Math.exp(-x)),
  (_x, y, g) => multiply(g, multiply(y, scale(y, -1, 1))),
);

/** ln(1 + e^x). */
export const softplus = unary(
  'Softplus',
  (x) => Math.max(0, x) + Math.log1p(Math.exp(-Math.abs(x))),
  (x, _y, g) => multiply(g, logistic(x)),
);
/** ln x, for x > 0. */
export const logarithm = unary('Log', Math.log, (x, _y, g) => divide(g, x));

/** c/x for a number c; no gradient flows through. */
export function quotientOf(c: number, x: Value): Value {
  return applyOne(dividing, [x], { c });
}

const dividing: Operation<{ readonly c: number }> = {
  name: 'quotient',
  shapes: ([shape]) => [shape!],
  lower: (onnx, [x], { attributes: { c } }) => [onnx.emit('Div', [onnx.scalar(c), x!])],
  evaluate: ([x], { attributes: { c } }) => [x!.map((value) => c / value)],
};
