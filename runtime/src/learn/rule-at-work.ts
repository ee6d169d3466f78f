import {
  type LearningDeclaration,
  type PlasticityKind,
  type PlasticityRule,
  type PlasticitySite,
  plasticityKinds,
  SpikewireError,
} from '@spikewire/models';
import { checkMechanisms } from './shared-mechanisms.ts';

/** A rule with its numbers, as one connection declared it. */
export interface RuleAtWork {
  readonly kind: PlasticityKind;
  readonly rule: PlasticityRule;
  readonly declaration: LearningDeclaration;
}

/** Finds the rule by name, checks its parameters and fills in their defaults. Throws `learning` errors that start with `where`. */
export function prepareRule(declaration: LearningDeclaration, site: PlasticitySite, where: string): RuleAtWork {
  const kind = plasticityKinds.find(({ rule }) => rule === declaration.rule);
  if (kind === undefined) {
    const known = plasticityKinds.map(({ rule }) => rule).join(', ');
    throw new SpikewireError('learning', where, `has unknown rule "${declaration.rule}"`, known);
  }
  const parameters = completeParameters(kind, declaration.parameters, where);
  checkMechanisms(declaration, where);
  return { kind, rule: kind.prepare(parameters, site), declaration };
}

function completeParameters(
  kind: PlasticityKind,
  given: LearningDeclaration['parameters'],
  where: string,
): Record<string, number | string> {
  for (const key of Object.keys(given)) {
    if (Object.hasOwn(kind.parameters, key)) continue;
    const known = Object.keys(kind.parameters).join(', ');
    throw new SpikewireError('learning', `${where}.${key}`, `is not a parameter of rule "${kind.rule}"`, known);
  }
  const complete: Record<string, number | string> = {};
  for (const [key, declaration] of Object.entries(kind.parameters)) {
    const value = given[key] ?? declaration.default;
    if (value === undefined) {
      if (declaration.optional === true) continue;
      throw new SpikewireError('learning', `${where}.${key}`, 'is missing', declaration.doc);
    }
    if (typeof value === 'string') {
      if (declaration.words?.includes(value) !== true) {
        const expected = declaration.words?.join(' or ') ?? 'a number';
        throw new SpikewireError('learning', `${where}.${key}`, `is "${value}"`, expected);
      }
    } else if (!Number.isFinite(value)) {
      throw new SpikewireError('learning', `${where}.${key}`, `is ${value}`, 'a finite number');
    } else if (declaration.above !== undefined && value <= declaration.above) {
      throw new SpikewireError('learning', `${where}.${key}`, `is ${value}`, `a number above ${declaration.above}`);
    } else if (declaration.minimum !== undefined && value < declaration.minimum) {
      throw new SpikewireError('learning', `${where}.${key}`, `is ${value}`, `at least ${declaration.minimum}`);
    }
    complete[key] = value;
  }
  return complete;
}
