import { formatShape, type Shape, SpikewireError, sameShape } from '@spikewire/models';
import type { Application, Operation, Value } from './operation.ts';

export type { Application, Value } from './operation.ts';

/** A value that is given under a name at each run; `sparse` where most of its numbers will be 0. */
export function given(name: string, shape: Shape, sparse = false): Value {
  return { shape, origin: name, index: 0, sparse };
}

/** Applies an operation; the operation checks the shapes and says which ones the results have. */
export function apply<Attributes>(
  operation: Operation<Attributes>,
  inputs: readonly Value[],
  attributes: Attributes,
): readonly Value[] {
  const shapes = operation.shapes(
    inputs.map(({ shape }) => shape),
    attributes,
  );
  const results: Value[] = [];
  const application = { operation, inputs, attributes, results } as Application;
  const sparse = operation.sparse === 'always' || (operation.sparse === 'kept' && inputs.some((input) => input.sparse));
  for (const [index, shape] of shapes.entries()) results.push({ shape, origin: application, index, sparse });
  return results;
}

/** `apply` for operations with one result. */
export function applyOne<Attributes>(
  operation: Operation<Attributes>,
  inputs: readonly Value[],
  attributes: Attributes,
): Value {
  return apply(operation, inputs, attributes)[0]!;
}

/** Throws `graph` unless a shape is the one that an operation needs. */
export function expectShape(operation: string, what: string, shape: Shape, expected: Shape): void {
  if (sameShape(shape, expected)) return;
  throw new SpikewireError('graph', `${operation}: ${what}`, `has shape ${formatShape(shape)}`, formatShape(expected));
}

/** Throws `graph` unless a shape has so many dimensions. */
export function expectRank(operation: string, what: string, shape: Shape, rank: number): void {
  if (shape.length === rank) return;
  throw new SpikewireError('graph', `${operation}: ${what}`, `has shape ${formatShape(shape)}`, `${rank} dimensions`);
}
