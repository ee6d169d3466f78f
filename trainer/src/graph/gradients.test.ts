import { elementCount, RandomGenerator, type Shape } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { surrogates } from '../surrogates/surrogates.ts';
import { convolve } from './convolution.ts';
import { softmaxCrossEntropy } from './cross-entropy.ts';
import { add, filled, multiply, scale, subtract } from './elementwise.ts';
import { gradientsOf } from './gradients.ts';
import { interpret } from './interpret.ts';
import { affine } from './linear.ts';
import { averagePool } from './pooling.ts';
import { programOf } from './program.ts';
import { reshape } from './reshape.ts';
import { type SpikingAttributes, spikesOf } from './spiking.ts';
import { sumOverTime } from './time.ts';
import { given, type Value } from './value.ts';

/** Numbers in ±1, the same in every run. */
function draw(shape: Shape, name: string): Float64Array {
  const random = new RandomGenerator(1, name);
  return Float64Array.from({ length: elementCount(shape) }, () => 2 * random.nextUniform() - 1);
}

/** A loss over any value: its cross-entropy, as rows of logits, with fixed targets. */
function lossOf(value: Value): Value {
  const classes = value.shape.at(-1)!;
  const rows = elementCount(value.shape) / classes;
  return softmaxCrossEntropy(reshape(value, [rows, classes]), filled([rows, classes], 1 / classes));
}

/** Compares every gradient, element by element, with central differences of the loss. */
function checkGradients(build: (inputs: Record<string, Value>) => Value, shapes: Record<string, Shape>): void {
  const inputs = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, given(name, shape)]));
  const numbers = new Map(Object.entries(shapes).map(([name, shape]) => [name, draw(shape, name)]));
  const loss = lossOf(build(inputs));
  const gradients = gradientsOf(loss, filled([], 1), Object.values(inputs));
  const found = interpret(
    programOf(Object.fromEntries(Object.keys(inputs).map((name, place) => [name, gradients[place]!]))),
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

describe('gradients against central differences', () => {
  it('affine map', () => {
    checkGradients(({ x, w, b }) => affine(x!, w!, b!), { x: [3, 4], w: [2, 4], b: [2] });
  });

  it('convolution', () => {
    checkGradients(({ x, w, b }) => convolve(x!, w!, b!), { x: [2, 2, 5, 4], w: [3, 2, 3, 2], b: [3] });
  });

  it('average pooling', () => {
    checkGradients(({ x }) => averagePool(x!, 2), { x: [2, 3, 4, 6] });
  });

  it('sums over time, even and weighted', () => {
    checkGradients(({ x }) => sumOverTime(x!, [1, 1, 1]), { x: [6, 4] });
    checkGradients(({ x }) => sumOverTime(x!, [0.3, -1, 2]), { x: [6, 4] });
  });

  it('sums, differences, products, and values that are used twice', () => {
    checkGradients(({ x, y }) => add(multiply(x!, y!), subtract(scale(x!, 3, 1), multiply(y!, y!))), {
      x: [2, 3],
      y: [2, 3],
    });
  });

  const spiking: Omit<SpikingAttributes, 'surrogate'> = {
    steps: 4,
    decay: 0.8,
    threshold: 0.4,
    reset: 'subtract',
    held: false,
    detachReset: false,
    smooth: true,
  };

  // Of the rectangle the derivative jumps, so that differences across the jump are no gradient.
  const smoothOnes = surrogates.filter(({ name }) => name !== 'rectangular');

  it.each(smoothOnes.map((surrogate) => [surrogate.name, surrogate] as const))(
    'a population of soft spikes, %s',
    (_, surrogate) => {
      for (const reset of ['subtract', 'value'] as const) {
        checkGradients(({ x }) => spikesOf(x!, { ...spiking, surrogate, reset }), { x: [8, 3] });
        checkGradients(({ x }) => spikesOf(x!, { ...spiking, surrogate, reset, held: true }), { x: [2, 3] });
      }
    },
  );

  it('two layers with pooling and a read-out of rates', () => {
    const surrogate = surrogates[0]!;
    checkGradients(
      ({ x, w, b, v, c }) => {
        const first = spikesOf(convolve(x!, w!, b!), { ...spiking, surrogate, held: true });
        const pooled = averagePool(first, 2);
        const second = spikesOf(affine(reshape(pooled, [8, 8]), v!, c!), { ...spiking, surrogate });
        return sumOverTime(second, [1, 1, 1, 1]);
      },
      { x: [2, 1, 6, 6], w: [2, 1, 3, 3], b: [2], v: [3, 8], c: [3] },
    );
  });

  it('a detached reset leaves out the way through it, and nothing else', () => {
    const surrogate = surrogates[1]!;
    const current = draw([4, 3], 'current').map((value) => 2 * value);
    const x = given('x', [4, 3]);
    const { decay, threshold } = spiking;
    for (const reset of ['subtract', 'value'] as const) {
      const spikes = spikesOf(x, { ...spiking, surrogate, reset, detachReset: true, smooth: false });
      const gradient = gradientsOf(spikes, filled(spikes.shape, 1), [x])[0]!;
      const results = interpret(programOf({ spikes, gradient }), new Map([['x', current]]));
      for (let neuron = 0; neuron < 3; neuron++) {
        // u_t = Σ β^(t−j)·I_j with what the resets took away held fixed: ∂u_t/∂I_j = β^(t−j), or 0 across a reset to 0.
        const u: number[] = [];
        const s: number[] = [];
        for (let v = 0, t = 0; t < 4; t++) {
          u[t] = decay * v + current[3 * t + neuron]!;
          s[t] = u[t]! > threshold ? 1 : 0;
          v = reset === 'subtract' ? u[t]! - threshold * s[t]! : u[t]! * (1 - s[t]!);
          expect(results.get('spikes')![3 * t + neuron]).toBe(s[t]);
        }
        for (let j = 0; j < 4; j++) {
          let expected = 0;
          for (let t = j; t < 4; t++) {
            const crossed = reset === 'value' && s.slice(j, t).includes(1);
            if (!crossed) expected += surrogate.derivative(u[t]! - threshold) * decay ** (t - j);
          }
          expect(results.get('gradient')![3 * j + neuron]).toBeCloseTo(expected, 12);
        }
      }
    }
  });

  it('a parameter that the loss does not depend on is named', () => {
    const [x, y] = [given('x', [2, 2]), given('y', [2, 2])];
    expect(() => gradientsOf(lossOf(x), filled([], 1), [y])).toThrow(/gradient of "y" \[2, 2\]: is not there/);
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
    [() => averagePool(given('x', [1, 1, 5, 4]), 2), /average pooling: height and width modulo 2/],
    [() => reshape(given('x', [4]), [3]), /reshape: gets shape \[4\]/],
  ])('%# that do not fit are refused with operation, operand and shapes', (build, line) => {
    expect(build).toThrow(line);
  });
});
