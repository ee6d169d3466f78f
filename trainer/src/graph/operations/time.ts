import type { Shape } from '@spikewire/models';
import { filled } from './elementwise.ts';
import type { Operation } from './operation.ts';
import { apply, applyOne, type Value } from './value.ts';

function rowsOfAStep(shape: Shape, steps: number): Shape {
  return [shape[0]! / steps, ...shape.slice(1)];
}

/** The rows of all steps, one step after the other. */
const joining: Operation<undefined> = {
  name: 'join over time',
  sparse: 'kept',
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

/** The rows of each step apart. */
const splitting: Operation<{ readonly steps: number }> = {
  name: 'split over time',
  sparse: 'kept',
  shapes: ([shape], { steps }) => Array.from({ length: steps }, () => rowsOfAStep(shape!, steps)),
  lower: (onnx, inputs, { attributes: { steps } }) =>
    steps === 1 ? inputs : onnx.emitMany('Split', inputs, steps, { axis: 0, num_outputs: steps }),
  gradient({ results }, ofSteps) {
    return [joinOverTime(results.map(({ shape }, step) => ofSteps[step] ?? filled(shape, 0)))];
  },
  evaluate([x], { attributes: { steps } }) {
    const size = x!.length / steps;
    return Array.from({ length: steps }, (_, step) => x!.subarray(step * size, (step + 1) * size));
  },
};

/** The same value in every step; its gradient is the sum of theirs. */
const holding: Operation<{ readonly steps: number }> = {
  name: 'hold',
  shapes: ([shape], { steps }) => Array.from({ length: steps }, () => shape!),
  gradient: (_, ofSteps) => [
    applyOne(
      adding,
      ofSteps.filter((g) => g !== undefined),
      undefined,
    ),
  ],
  lower: (_, [x], { attributes: { steps } }) => new Array<string>(steps).fill(x!),
  evaluate: ([x], { attributes: { steps } }) => new Array<Float64Array>(steps).fill(x!),
};

/** The sum of values of one shape, first to last. */
const adding: Operation<undefined> = {
  name: 'sum of parts',
  shapes: ([shape]) => [shape!],
  gradient: ({ inputs }, [g]) => inputs.map(() => g),
  lower: (onnx, parts) => [parts.reduce((sum, part) => onnx.emit('Add', [sum, part]))],
  evaluate: (parts) => [parts[0]!.map((_, i) => parts.reduce((sum, part) => sum + part[i]!, 0))],
};

/** Values of single steps [batch, …] as one [steps·batch, …]. */
export function joinOverTime(parts: readonly Value[]): Value {
  return parts.length === 1 ? parts[0]! : applyOne(joining, parts, undefined);
}

/** The values of single steps [batch, …] of one [steps·batch, …]. */
export function splitOverTime(x: Value, steps: number): readonly Value[] {
  return steps === 1 ? [x] : apply(splitting, [x], { steps });
}

/** A value that is the same in every step, once for each. */
export function hold(x: Value, steps: number): readonly Value[] {
  return apply(holding, [x], { steps });
}

/** The sum of values of one shape, first to last. */
export function sumOf(parts: readonly Value[]): Value {
  return parts.length === 1 ? parts[0]! : applyOne(adding, parts, undefined);
}
