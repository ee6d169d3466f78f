import { elementCount, type Shape } from '@spikewire/models';
import type { Operation } from './operation.ts';
import { apply, applyOne, expectShape, type Value } from './value.ts';

/** One weight per step. */
interface StepWeights {
  readonly weights: readonly number[];
}

function rowsOfAStep(shape: Shape, steps: number): Shape {
  return [shape[0]! / steps, ...shape.slice(1)];
}

/** y = Σ_t w_t·x_t over the steps of x [steps·batch, …]; the rows of a step stand together. */
const weightedSum: Operation<StepWeights> = {
  name: 'sum over time',
  shapes([shape], { weights }) {
    expectShape('sum over time', 'rows modulo steps', [shape![0]! % weights.length], [0]);
    return [rowsOfAStep(shape!, weights.length)];
  },
  gradient: ({ attributes }, [g]) => [applyOne(spread, [g!], attributes)],
  lower(onnx, [x], { inputs, results, attributes: { weights } }) {
    const steps = weights.length;
    const columns = onnx.integers([steps, elementCount(inputs[0]!.shape) / steps]);
    const bySteps = onnx.emit('Reshape', [x!, columns]);
    const sum = isUniform(weights)
      ? onnx.emit('ReduceSum', [bySteps, onnx.integers([0])], { keepdims: 0 })
      : onnx.emit('MatMul', [weightRow(onnx, weights), bySteps]);
    return [onnx.emit('Reshape', [sum, onnx.integers(results[0]!.shape)])];
  },
  evaluate([x], { results, attributes: { weights } }) {
    const size = elementCount(results[0]!.shape);
    const sum = new Float64Array(size);
    for (const [step, weight] of weights.entries()) {
      for (let i = 0; i < size; i++) sum[i]! += weight * x![step * size + i]!;
    }
    return [sum];
  },
};

/** x_t = w_t·y in every step: the gradient of the weighted sum. */
const spread: Operation<StepWeights> = {
  name: 'spread over time',
  shapes: ([shape], { weights }) => [[shape![0]! * weights.length, ...shape!.slice(1)]],
  lower(onnx, [y], { inputs, results, attributes: { weights } }) {
    const size = elementCount(inputs[0]!.shape);
    const row = onnx.emit('Reshape', [y!, onnx.integers([1, size])]);
    const bySteps = isUniform(weights)
      ? onnx.emit('Expand', [row, onnx.integers([weights.length, size])])
      : onnx.emit('Mul', [onnx.emit('Reshape', [weightRow(onnx, weights), onnx.integers([-1, 1])]), row]);
    return [onnx.emit('Reshape', [bySteps, onnx.integers(results[0]!.shape)])];
  },
  evaluate: ([y], { attributes: { weights } }) => [
    Float64Array.from(weights.flatMap((weight) => Array.from(y!, (value) => weight * value))),
  ],
};

/** The rows of all steps, one step after the other. */
const joining: Operation<undefined> = {
  name: 'join over time',
  shapes: (parts) => [[parts.length * parts[0]![0]!, ...parts[0]!.slice(1)]],
  gradient: ({ inputs }, [g]) => apply(splitting, [g!], { steps: inputs.length }),
  lower: (onnx, parts) => [parts.length === 1 ? parts[0]! : onnx.emit('Concat', parts, { axis: 0 })],
  evaluate(parts) {
    const size = parts[0]!.length;
    const whole = new Float64Array(parts.length * size);
    for (const [step, part] of parts.entries()) whole.set(part, step * size);
    return [whole];
  },
};

/** The rows of each step apart: the gradient of the joining. */
const splitting: Operation<{ readonly steps: number }> = {
  name: 'split over time',
  shapes: ([shape], { steps }) => Array.from({ length: steps }, () => rowsOfAStep(shape!, steps)),
  lower: (onnx, inputs, { attributes: { steps } }) =>
    steps === 1 ? inputs : onnx.emitMany('Split', inputs, steps, { axis: 0, num_outputs: steps }),
  evaluate([x], { attributes: { steps } }) {
    const size = x!.length / steps;
    return Array.from({ length: steps }, (_, step) => x!.subarray(step * size, (step + 1) * size));
  },
};

function isUniform(weights: readonly number[]): boolean {
  return weights.every((weight) => weight === 1);
}

/** The weights as a row [1, steps]. */
function weightRow(onnx: Parameters<Operation<StepWeights>['lower']>[0], weights: readonly number[]): string {
  const scalars = weights.map((weight) => onnx.emit('Reshape', [onnx.scalar(weight), onnx.integers([1, 1])]));
  return onnx.emit('Concat', scalars, { axis: 1 });
}

/** Σ_t w_t·x_t: [steps·batch, …] → [batch, …]. */
export function sumOverTime(x: Value, weights: readonly number[]): Value {
  return applyOne(weightedSum, [x], { weights });
}

/** Values of single steps [batch, …] as one [steps·batch, …]. */
export function joinOverTime(parts: readonly Value[]): Value {
  return applyOne(joining, parts, undefined);
}

/**
 * Applies a function of single rows to x [steps·batch, …]. Where x was joined from its steps it is applied to each of them: what lies
 * between is then one step large and stays in the cache.
 */
export function stepByStep(x: Value, map: (part: Value) => Value): Value {
  if (typeof x.origin === 'string' || x.origin.operation !== joining) return map(x);
  return joinOverTime(x.origin.inputs.map(map));
}
