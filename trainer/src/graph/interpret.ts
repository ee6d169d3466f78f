import { elementCount, SpikewireError } from '@spikewire/models';
import type { Value } from './operations/value.ts';
import type { Program } from './program.ts';

/**
 * Runs a program in float64, operation by operation, as its formulas are written: slow, and the oracle for every
 * backend. Throws `input` for an input that is missing or has another size.
 */
export function interpret(program: Program, given: ReadonlyMap<string, ArrayLike<number>>): Map<string, Float64Array> {
  const known = new Map<Value, Float64Array>();
  for (const [name, value] of program.inputs) {
    const numbers = given.get(name);
    if (numbers?.length !== elementCount(value.shape)) {
      throw new SpikewireError(
        'input',
        `input "${name}"`,
        `has ${numbers?.length ?? 'no'} numbers`,
        `${elementCount(value.shape)}`,
      );
    }
    known.set(value, Float64Array.from(numbers));
  }
  for (const application of program.applications) {
    const inputs = application.inputs.map((input) => known.get(input)!);
    const results = application.operation.evaluate(inputs, application);
    for (const [index, result] of application.results.entries()) known.set(result, results[index]!);
  }
  return new Map([...program.outputs].map(([name, value]) => [name, known.get(value)!]));
}
