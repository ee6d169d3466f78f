import type { Shape } from '@spikewire/models';
import { add, filled, multiply, scale, subtract } from '../../graph/operations/elementwise.ts';
import { stored } from '../../graph/operations/stored.ts';
import type { Value } from '../../graph/operations/value.ts';

/** A factor or a summand of a population: one number for all neurons, one per neuron, or something that is learned. */
export type Coefficient = number | Value;

/** The numbers of a population of a shape; where all are equal, that number. */
export function coefficientOf(values: Float64Array, shape: Shape): Coefficient {
  return values.every((value) => value === values[0]) ? values[0]! : stored(values, shape);
}

export function times(x: Value, factor: Coefficient): Value {
  return typeof factor === 'number' ? scale(x, factor) : multiply(x, factor);
}

export function plus(x: Value, summand: Coefficient): Value {
  if (typeof summand !== 'number') return add(x, summand);
  return summand === 0 ? x : scale(x, 1, summand);
}

export function asValue(coefficient: Coefficient): Value {
  return typeof coefficient === 'number' ? filled([], coefficient) : coefficient;
}

/** a·b of two coefficients. */
export function product(a: Coefficient, b: Coefficient): Coefficient {
  if (typeof a === 'number') return typeof b === 'number' ? a * b : scale(b, a);
  if (typeof b === 'number') return scale(a, b);
  return a.shape.length < b.shape.length ? multiply(b, a) : multiply(a, b);
}

/** 1 − a. */
export function complement(a: Coefficient): Coefficient {
  return typeof a === 'number' ? 1 - a : scale(a, -1, 1);
}

/** a − b. */
export function difference(a: Coefficient, b: Coefficient): Coefficient {
  if (typeof b === 'number') return typeof a === 'number' ? a - b : plus(a, -b);
  if (typeof a === 'number') return scale(b, -1, a);
  return a.shape.length < b.shape.length ? add(scale(b, -1), a) : subtract(a, b);
}
