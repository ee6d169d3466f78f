import { formatShape, SpikewireError } from '@spikewire/models';
import { add } from './operations/elementwise.ts';
import type { Application, Value } from './operations/value.ts';
import { applicationsBefore } from './program.ts';

/**
 * Reverse mode: the gradients of `loss` with respect to `parameters`, as values of the same graph. `seed` is the
 * gradient of the loss itself, a value of its shape.
 *
 * Throws `graph` for a parameter that the loss does not depend on.
 */
export function gradientsOf(loss: Value, seed: Value, parameters: readonly Value[]): Value[] {
  const order = applicationsBefore([loss]);
  const reaching = valuesThatReach(new Set(parameters), order);
  const gradients = new Map<Value, Value>([[loss, seed]]);
  for (const application of order.toReversed()) {
    const ofResults = application.results.map((result) => gradients.get(result));
    if (ofResults.every((gradient) => gradient === undefined)) continue;
    const wanted = application.inputs.map((input) => reaching.has(input));
    if (!wanted.includes(true)) continue;
    const ofInputs = application.operation.gradient?.(application, ofResults, wanted) ?? [];
    for (const [index, gradient] of ofInputs.entries()) {
      if (gradient === undefined || !wanted[index]) continue;
      const input = application.inputs[index]!;
      const known = gradients.get(input);
      gradients.set(input, known === undefined ? gradient : add(known, gradient));
    }
  }
  return parameters.map((parameter) => {
    const gradient = gradients.get(parameter);
    if (gradient !== undefined) return gradient;
    const name = typeof parameter.origin === 'string' ? `"${parameter.origin}"` : parameter.origin.operation.name;
    throw new SpikewireError(
      'graph',
      `gradient of ${name} ${formatShape(parameter.shape)}`,
      'does not exist',
      'a loss that depends on it',
    );
  });
}

/** The values on the way from the parameters to the loss: nothing else needs a gradient. */
function valuesThatReach(parameters: ReadonlySet<Value>, order: readonly Application[]): ReadonlySet<Value> {
  const reaching = new Set(parameters);
  for (const { inputs, results } of order) {
    if (inputs.some((input) => reaching.has(input))) for (const result of results) reaching.add(result);
  }
  return reaching;
}
