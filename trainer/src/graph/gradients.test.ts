import { elementCount, RandomGenerator, type Shape } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { gradientsOf } from './gradients.ts';
import { interpret } from './interpret.ts';
import { scaleChannels, shiftChannels } from './operations/channels.ts';
import { convolve, convolveBack } from './operations/convolution.ts';
import { gatherColumns } from './operations/copies.ts';
import { softmaxCrossEntropy } from './operations/cross-entropy.ts';
import { add, divide, filled, maximum, multiply, scale, subtract } from './operations/elementwise.ts';
import {
  exponential,
  logarithm,
  logistic,
  reciprocal,
  rectifier,
  softplus,
  squareRoot,
} from './operations/functions.ts';
import { affine } from './operations/linear.ts';
import { maxPool } from './operations/max-pooling.ts';
import { averagePool } from './operations/pooling.ts';
import { ranked } from './operations/ranked.ts';
import { reshape } from './operations/reshape.ts';
import { round } from './operations/round.ts';
import { scatter } from './operations/scatter.ts';
import { sumOfSquares } from './operations/squares.ts';
import { channelSums, expandRows, rowSums, sumTo } from './operations/sums.ts';
import { hold, joinOverTime, splitOverTime, sumOf } from './operations/time.ts';
import { given, type Value } from './operations/value.ts';
import type { Window } from './operations/window.ts';
import { programOf } from './program.ts';

/** Numbers in ±1, the same in every run. */
function draw(shape: Shape, name: string): Float64Array {
  const random = new RandomGenerator(1, name);
  return Float64Array.from({ length: elementCount(shape) }, () => 2 * random.nextUniform() - 1);
}

/** A loss over any value: its cross-entropy, as rows of logits, with fixed targets. */
function lossOf(value: Value): Value {
  const classes = value.shape.at(-1)!;
  const rows = elementCount(value.shape) / classes;
  return sumTo(softmaxCrossEntropy(reshape(value, [rows, classes]), filled([rows, classes], 1 / classes)), []);
}

/** Compares every gradient, element by element, with central differences of the loss. */
function checkGradients(build: (inputs: Record<string, Value>) => Value, shapes: Record<string, Shape>): void {
  const inputs = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, given(name, shape)]));
  const numbers = new Map(Object.entries(shapes).map(([name, shape]) => [name, draw(shape, name)]));
  const loss = lossOf(build(inputs));
  const gradients = gradientsOf(loss, filled([], 1), Object.values(inputs));
  const found = interpret(
    programOf(Object.fromEntries(Object.keys(inputs).map((name, index) => [name, gradients[index]!]))),
    numbers,
  );
  const forward = programOf({ loss });
  const at = () => interpret(forward, numbers).get('loss')![0]!;
  for (const [name, values] of numbers) {
    const step = 1e-5;
    for (let i = 0; i < values.length; i++) {
      const kept = values[i]!;
      values[i] = kept + step;
      const above = at();
      values[i] = kept - step;
      const below = at();
      values[i] = kept;
      expect(Math.abs(found.get(name)![i]! - (above - below) / (2 * step)), `${name}[${i}]`).toBeLessThan(1e-7);
    }
  }
}

/** The sizes on both sides of a window, as PyTorch counts them. */
function sizesOf(
  { kernel, stride, padding, dilation }: Omit<Window, 'inputSize' | 'outputSize'>,
  inputSize: [number, number],
) {
  const along = (axis: 0 | 1) =>
    Math.floor((inputSize[axis] + 2 * padding[axis] - dilation[axis] * (kernel[axis] - 1) - 1) / stride[axis]) + 1;
  return { inputSize, outputSize: [along(0), along(1)] as const };
}

describe('gradients against central differences', () => {
  it('affine map', () => {
    checkGradients(({ x, w, b }) => affine(x!, w!, b!), { x: [3, 4], w: [2, 4], b: [2] });
  });

  it('convolution', () => {
    checkGradients(({ x, w, b }) => convolve(x!, w!, b!), { x: [2, 2, 5, 4], w: [3, 2, 3, 2], b: [3] });
  });

  it.each<[string, Omit<Window, 'inputSize' | 'outputSize'>, [number, number], number]>([
    ['strides', { kernel: [3, 2], stride: [2, 1], padding: [0, 0], dilation: [1, 1] }, [6, 5], 1],
    ['padding', { kernel: [3, 3], stride: [1, 1], padding: [1, 1], dilation: [1, 1] }, [5, 4], 1],
    ['all of it', { kernel: [2, 3], stride: [2, 3], padding: [1, 2], dilation: [2, 1] }, [7, 6], 1],
    ['groups', { kernel: [2, 2], stride: [2, 1], padding: [1, 0], dilation: [1, 1] }, [5, 4], 2],
  ])('convolution with %s', (_, window, inputSize, groups) => {
    const whole = { ...window, ...sizesOf(window, inputSize), groups };
    const weight = [4, 4 / groups, ...window.kernel];
    checkGradients(({ x, w, b }) => convolve(x!, w!, b!, whole), { x: [2, 4, ...inputSize], w: weight, b: [4] });
    checkGradients(({ x, w }) => convolve(x!, w!, undefined, whole), { x: [2, 4, ...inputSize], w: weight });
    const back = { x: [2, 4, ...whole.outputSize], w: weight };
    checkGradients(({ x, w }) => convolveBack(x!, w!, whole), back);
    checkGradients(
      ({ x, w }) => multiply(convolveBack(x!, w!, whole), convolveBack(x!, multiply(w!, w!), whole)),
      back,
    );
  });

  it('average pooling, side by side and with windows that overlap', () => {
    checkGradients(({ x }) => averagePool(x!, 2), { x: [2, 3, 4, 6] });
    const window = { kernel: [3, 2], stride: [2, 1], padding: [1, 0], dilation: [1, 1] } as const;
    checkGradients(({ x }) => averagePool(x!, { ...window, ...sizesOf(window, [5, 4]) }), { x: [2, 3, 5, 4] });
  });

  it('max pooling, by keys of its own and by others', () => {
    const window = { kernel: [3, 2], stride: [2, 1], padding: [1, 0], dilation: [1, 1] } as const;
    const whole = { ...window, ...sizesOf(window, [5, 4]) };
    checkGradients(({ x }) => maxPool(x!, x!, whole), { x: [2, 3, 5, 4] });
    checkGradients(({ x }) => maxPool(multiply(x!, x!), scale(x!, -1), whole), { x: [2, 3, 5, 4] });
  });

  it('values at indices of an array, and an affine map with them', () => {
    const indices = Int32Array.of(1, 7, 4, 6);
    checkGradients(({ x, w }) => affine(x!, scatter(w!, indices, [2, 4])), { x: [3, 4], w: [4] });
  });

  it('columns in another order, some more than once, some not, and zeros', () => {
    const columns = Int32Array.of(2, -1, 0, 2, 2, 4);
    checkGradients(({ x }) => multiply(gatherColumns(x!, columns), gatherColumns(multiply(x!, x!), columns)), {
      x: [3, 5],
    });
  });

  it('numbers of a rank of each column', () => {
    checkGradients(({ x }) => multiply(ranked(x!, 2), ranked(multiply(x!, x!), 1)), { x: [5, 4] });
  });

  it('steps apart and together, and what is the same in all', () => {
    checkGradients(({ x }) => sumOf(splitOverTime(x!, 3).map((part, step) => multiply(part, scale(part, step)))), {
      x: [6, 4],
    });
    checkGradients(({ x, y }) => joinOverTime(hold(x!, 2).map((part, step) => (step ? multiply(part, y!) : part))), {
      x: [3, 4],
      y: [3, 4],
    });
  });

  it('sums of rows, of columns and of everything', () => {
    checkGradients(({ x }) => expandRows(rowSums(multiply(x!, x!)), [3, 4]), { x: [3, 4] });
    checkGradients(({ x, y }) => multiply(x!, sumTo(multiply(y!, y!), [4])), { x: [3, 4], y: [2, 5, 4] });
    checkGradients(({ x }) => multiply(x!, sumOfSquares(x!)), { x: [2, 3] });
  });

  it('sums, differences, products, and values that are used twice', () => {
    checkGradients(({ x, y }) => add(multiply(x!, y!), subtract(scale(x!, 3, 1), multiply(y!, y!))), {
      x: [2, 3],
      y: [2, 3],
    });
  });

  it('a second operand for all rows, and one for everything', () => {
    checkGradients(({ x, y, z }) => maximum(subtract(multiply(x!, y!), y!), z!), { x: [4, 3], y: [3], z: [] });
  });

  it('functions', () => {
    checkGradients(({ x }) => multiply(exponential(x!), add(logistic(x!), rectifier(x!))), { x: [3, 4] });
    checkGradients(({ x }) => multiply(logarithm(softplus(scale(x!, 9))), softplus(x!)), { x: [3, 4] });
  });

  it('quotients, reciprocals and roots of what is above 0', () => {
    checkGradients(({ x, y }) => divide(x!, scale(multiply(y!, y!), 1, 0.5)), { x: [4, 3], y: [3] });
    checkGradients(({ x }) => add(reciprocal(scale(x!, 1, 3)), squareRoot(scale(x!, 1, 2))), { x: [3, 4] });
  });

  it.each([[[4, 3]], [[3, 2, 2, 3]]])('numbers per channel of %j', (shape) => {
    const channels = [shape[1]!];
    checkGradients(({ x, f, s }) => shiftChannels(scaleChannels(x!, f!), multiply(s!, s!)), {
      ...{ x: shape, f: channels, s: channels },
    });
    checkGradients(({ x }) => scaleChannels(x!, channelSums(multiply(x!, x!))), { x: shape });
  });

  it('goes straight through what is rounded', () => {
    const x = given('x', [1, 5]);
    const rounded = round(x, 3);
    const [g] = gradientsOf(sumTo(multiply(rounded, rounded), []), filled([], 1), [x]);
    const found = interpret(programOf({ rounded, g: g! }), new Map([['x', [0.5, 1.5, -2.4, 9, -9]]]));
    expect(Array.from(found.get('rounded')!)).toEqual([0, 2, -2, 3, -3]);
    expect(Array.from(found.get('g')!)).toEqual([0, 4, -4, 6, -6]);
  });

  it('a parameter that the loss does not depend on is named', () => {
    const [x, y] = [given('x', [2, 2]), given('y', [2, 2])];
    expect(() => gradientsOf(lossOf(x), filled([], 1), [y])).toThrow(/gradient of "y" \[2, 2\]: does not exist/);
  });
});

describe('shapes', () => {
  it.each([
    [
      () => affine(given('x', [2, 3]), given('w', [4, 5]), given('b', [4])),
      /affine: weight: has shape \[4, 5\]; expected \[4, 3\]/,
    ],
    [
      () => convolve(given('x', [2, 3]), given('w', [1, 1, 1, 1]), given('b', [1])),
      /convolution: input: .*; expected 4 dimensions/,
    ],
    [() => add(given('x', [2]), given('y', [3])), /add: second operand: has shape \[3\]; expected \[2\]/],
    [
      () => scaleChannels(given('x', [2, 3, 4]), given('f', [4])),
      /scale channels: second operand: has shape \[4\]; expected \[3\]/,
    ],
    [() => averagePool(given('x', [1, 1, 5, 4]), 2), /windows: of 2 over 5×4; expected multiples of 2/],
    [() => reshape(given('x', [4]), [3]), /reshape: gets shape \[4\]/],
  ])('%# that do not fit are refused with operation, operand and shapes', (build, line) => {
    expect(build).toThrow(line);
  });
});
