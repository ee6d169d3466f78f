import type { LearningDeclaration } from '../../model/model.ts';
import type { ParameterTable } from '../../parameters/declaration.ts';
import { readParameters } from '../../parameters/read.ts';
import { arithmetic } from './arithmetic.ts';
import { bounds, softness } from './bounds.ts';
import { feedback } from './feedback.ts';
import { homeostasis } from './homeostasis.ts';
import { type Mechanism, present, type Scaling, type ScalingSite } from './mechanism.ts';
import { normalize } from './normalize.ts';
import { order } from './order.ts';
import { storage } from './storage.ts';
import { winners } from './winners.ts';

/** What any rule may have beside its own parameters. */
export type Mechanisms = Omit<LearningDeclaration, 'rule' | 'parameters'>;

/**
 * Every mechanism, in the order in which they stand in a file and scale weights. A new one is a file of its own, a line
 * here, and a member of `LearningDeclaration`.
 */
export const mechanisms: readonly Mechanism[] = [
  bounds,
  softness,
  storage,
  arithmetic,
  normalize,
  homeostasis,
  feedback,
  order,
  winners,
];

export const mechanismParameters: ParameterTable = Object.fromEntries(
  mechanisms.map(({ key, declaration }) => [key, declaration]),
);

/**
 * Reads the mechanisms beside a rule, as they stand in a file or in a declaration made by a program; others are left
 * out of the result. Throws `learning` errors that start with `where`.
 */
export function readMechanisms(where: string, given: Readonly<Record<string, unknown>>): Mechanisms {
  const own = Object.fromEntries(mechanisms.map(({ key }) => [key, given[key]]));
  const plain: Readonly<Record<string, unknown>> = readParameters(where, own, mechanismParameters, 'learning');
  const read = mechanisms.map((mechanism) => {
    const value = plain[mechanism.key];
    if (value === undefined || mechanism.read === undefined) return [mechanism.key, value];
    return [mechanism.key, mechanism.read(`${where}.${mechanism.key}`, value, plain)];
  });
  return present(Object.fromEntries(read)) as Mechanisms;
}

/** How the mechanisms of a declaration scale weights, in the order in which they do. */
export function scalingsOf(declared: Mechanisms, site: ScalingSite): Scaling[] {
  return mechanisms.flatMap(({ key, scaling }) => {
    const own = declared[key as keyof Mechanisms];
    return own === undefined || scaling === undefined ? [] : [scaling(own, site)];
  });
}
