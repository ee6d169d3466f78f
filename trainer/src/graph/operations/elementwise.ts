import { elementCount, type Shape, sameShape } from '@spikewire/models';
import type { Operation } from './operation.ts';
import { sumTo } from './sums.ts';
import { applyOne, expectShape, type Value } from './value.ts';

interface BinaryForm {
  readonly onnx: string;
  readonly evaluate: (a: number, b: number) => number;
  readonly gradient?: (a: Value, b: Value, g: Value) => readonly (Value | undefined)[];
}

/**
 * Element by element; the second may have the last dimensions of the first alone and then counts for all rows, a scalar
 * for all.
 */
function binary(name: string, { onnx: operator, evaluate, gradient }: BinaryForm): Operation<undefined> {
  return {
    name,
    shapes([a, b]) {
      const rest = a!.slice(a!.length - b!.length);
      if (!sameShape(rest, b!)) expectShape(name, 'second operand', b!, a!);
      return [a!];
    },
    ...(gradient && {
      gradient({ inputs: [a, b] }, [g], [, wantsSecond]) {
        const [first, second] = gradient(a!, b!, g!);
        return [first, wantsSecond && second !== undefined ? sumTo(second, b!.shape) : undefined];
      },
    }),
    lower: (onnx, inputs) => [onnx.emit(operator, inputs)],
    evaluate: ([a, b]) => [a!.map((value, i) => evaluate(value, b![i % b!.length]!))],
  };
}

const addition = binary('add', { onnx: 'Add', evaluate: (a, b) => a + b, gradient: (_a, _b, g) => [g, g] });
const subtraction = binary('subtract', {
  onnx: 'Sub',
  evaluate: (a, b) => a - b,
  gradient: (_a, _b, g) => [g, scale(g, -1)],
});
const product: Operation<undefined> = {
  ...binary('multiply', {
    onnx: 'Mul',
    evaluate: (a, b) => a * b,
    gradient: (a, b, g) => [multiply(g, b), multiply(g, a)],
  }),
  sparse: 'kept',
};
const quotient = binary('divide', {
  onnx: 'Div',
  evaluate: (a, b) => a / b,
  gradient: (a, b, g) => {
    const first = divide(g, b);
    return [first, scale(multiply(first, divide(a, b)), -1)];
  },
});
/** The larger one gets the whole gradient. */
const larger = binary('maximum', {
  onnx: 'Max',
  evaluate: Math.max,
  gradient: (a, b, g) => {
    const first = multiply(g, applyOne(comparison, [a, b], undefined));
    return [first, subtract(g, first)];
  },
});
const comparison: Operation<undefined> = {
  ...binary('greater', { onnx: 'Greater', evaluate: (a, b) => Number(a > b) }),
  lower: (onnx, inputs) => [onnx.emit('Cast', [onnx.emit('Greater', inputs)], { to: 1 })],
};

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

const constant: Operation<{ readonly shape: Shape; readonly value: number }> = {
  name: 'constant',
  shapes: (_, { shape }) => [shape],
  lower(onnx, _, { attributes: { shape, value } }) {
    const scalar = onnx.scalar(value);
    return [shape.length === 0 ? scalar : onnx.emit('Expand', [scalar, onnx.integers(shape)])];
  },
  evaluate: (_, { attributes: { shape, value } }) => [new Float64Array(elementCount(shape)).fill(value)],
};

/** The same numbers, through which no gradient flows. */
const detaching: Operation<undefined> = {
  name: 'detach',
  sparse: 'kept',
  shapes: ([shape]) => [shape!],
  lower: (_, [x]) => [x!],
  evaluate: ([x]) => [x!],
};

/** a + b. Here and below b may also have the last dimensions of a alone, or be a scalar. */
export function add(a: Value, b: Value): Value {
  return applyOne(addition, [a, b], undefined);
}

export function subtract(a: Value, b: Value): Value {
  return applyOne(subtraction, [a, b], undefined);
}

/** a·b, element by element. */
export function multiply(a: Value, b: Value): Value {
  return applyOne(product, [a, b], undefined);
}

/** a/b, element by element. */
export function divide(a: Value, b: Value): Value {
  return applyOne(quotient, [a, b], undefined);
}

/** The larger of a and b, element by element. */
export function maximum(a: Value, b: Value): Value {
  return applyOne(larger, [a, b], undefined);
}

/** 1 where a > b, else 0; no gradient flows through. */
export function greater(a: Value, b: Value): Value {
  return applyOne(comparison, [a, b], undefined);
}

/** factor·x + offset. */
export function scale(x: Value, factor: number, offset = 0): Value {
  return factor === 1 && offset === 0 ? x : applyOne(scaling, [x], { factor, offset });
}

/** An array of one number. */
export function filled(shape: Shape, value: number): Value {
  return applyOne(constant, [], { shape, value });
}

export function detach(x: Value): Value {
  return applyOne(detaching, [x], undefined);
}
