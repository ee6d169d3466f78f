import { elementCount, type Shape } from '@spikewire/models';
import type { Operation } from './operation.ts';
import { applyOne, expectShape, type Value } from './value.ts';

interface BinaryForm {
  readonly onnx: string;
  readonly evaluate: (a: number, b: number) => number;
  readonly gradient?: (a: Value, b: Value, g: Value) => readonly (Value | undefined)[];
}

/** Element by element on two arrays of one shape; the second may also be a scalar that stands for a full array. */
function binary(name: string, { onnx: operator, evaluate, gradient }: BinaryForm): Operation<undefined> {
  return {
    name,
    shapes([a, b]) {
      if (b!.length > 0) expectShape(name, 'second operand', b!, a!);
      return [a!];
    },
    ...(gradient && {
      gradient({ inputs: [a, b] }, [g], [, wantsSecond]) {
        // A scalar is a rate or a constant here, never learned.
        const [first, second] = gradient(a!, b!, g!);
        return [first, wantsSecond && b!.shape.length === a!.shape.length ? second : undefined];
      },
    }),
    lower: (onnx, inputs) => [onnx.emit(operator, inputs)],
    evaluate: ([a, b]) => [a!.map((value, i) => evaluate(value, b!.length === 1 ? b![0]! : b![i]!))],
  };
}

const addition = binary('add', { onnx: 'Add', evaluate: (a, b) => a + b, gradient: (_a, _b, g) => [g, g] });
const subtraction = binary('subtract', {
  onnx: 'Sub',
  evaluate: (a, b) => a - b,
  gradient: (_a, _b, g) => [g, scale(g, -1)],
});
const product = binary('multiply', {
  onnx: 'Mul',
  evaluate: (a, b) => a * b,
  gradient: (a, b, g) => [multiply(g, b), multiply(g, a)],
});
const quotient = binary('divide', { onnx: 'Div', evaluate: (a, b) => a / b });

const scaling: Operation<{ readonly factor: number; readonly offset: number }> = {
  name: 'scale',
  shapes: ([shape]) => [shape!],
  gradient: ({ attributes: { factor } }, [g]) => [scale(g!, factor)],
  lower(onnx, [x], { attributes: { factor, offset } }) {
    const scaled = factor === 1 ? x! : onnx.emit('Mul', [x!, onnx.scalar(factor)]);
    return [offset === 0 ? scaled : onnx.emit('Add', [scaled, onnx.scalar(offset)])];
  },
  evaluate: ([x], { attributes: { factor, offset } }) => [x!.map((value) => factor * value + offset)],
};

const squareRooting: Operation<undefined> = {
  name: 'square root',
  shapes: ([shape]) => [shape!],
  lower: (onnx, inputs) => [onnx.emit('Sqrt', inputs)],
  evaluate: ([x]) => [x!.map(Math.sqrt)],
};

const constant: Operation<{ readonly shape: Shape; readonly value: number }> = {
  name: 'constant',
  shapes: (_, { shape }) => [shape],
  lower(onnx, _, { attributes: { shape, value } }) {
    const scalar = onnx.scalar(value);
    return [shape.length === 0 ? scalar : onnx.emit('Expand', [scalar, onnx.integers(shape)])];
  },
  evaluate: (_, { attributes: { shape, value } }) => [new Float64Array(elementCount(shape)).fill(value)],
};

/** a + b; b may be a scalar. */
export function add(a: Value, b: Value): Value {
  return applyOne(addition, [a, b], undefined);
}

/** a − b; b may be a scalar. */
export function subtract(a: Value, b: Value): Value {
  return applyOne(subtraction, [a, b], undefined);
}

/** a·b, element by element; b may be a scalar. */
export function multiply(a: Value, b: Value): Value {
  return applyOne(product, [a, b], undefined);
}

/** a/b, element by element; b may be a scalar. */
export function divide(a: Value, b: Value): Value {
  return applyOne(quotient, [a, b], undefined);
}

/** factor·x + offset. */
export function scale(x: Value, factor: number, offset = 0): Value {
  return applyOne(scaling, [x], { factor, offset });
}

/** √x, element by element. */
export function squareRoot(x: Value): Value {
  return applyOne(squareRooting, [x], undefined);
}

/** An array of one number. */
export function filled(shape: Shape, value: number): Value {
  return applyOne(constant, [], { shape, value });
}
