import {
  type LearningDeclaration,
  type Model,
  type PlasticityKind,
  type PlasticityRule,
  type PlasticitySite,
  plasticityKinds,
  type ResolvedGraph,
  SpikewireError,
} from '@spikewire/models';
import { type LearnedConnection, learnedConnections } from './learned-connections.ts';
import { checkMechanisms } from './shared-mechanisms.ts';

/** A rule with its numbers, as one connection declared it. */
export interface RuleAtWork {
  readonly kind: PlasticityKind;
  readonly rule: PlasticityRule;
  readonly declaration: LearningDeclaration;
}

/** Finds the rule by name, checks its parameters and fills in their defaults. Throws `learning` errors that start with `where`. */
function prepareRule(declaration: LearningDeclaration, site: PlasticitySite, where: string): RuleAtWork {
  const kind = plasticityKinds.find(({ rule }) => rule === declaration.rule);
  if (kind === undefined) {
    const known = plasticityKinds.map(({ rule }) => rule).join(', ');
    throw new SpikewireError('learning', where, `has unknown rule "${declaration.rule}"`, known);
  }
  const parameters = completeParameters(kind, declaration.parameters, where);
  checkMechanisms(declaration, where);
  return { kind, rule: kind.prepare(parameters, site), declaration };
}

/** The rules of a connection, in order. Throws `learning` where a declaration is wrong. */
export function rulesOf(connection: LearnedConnection, dt: number): RuleAtWork[] {
  const { declarations, target, connectivity } = connection;
  const { inputs, outputs } = connectivity;
  return declarations.map((declaration, place) => {
    const where = placeOfRule(connection, place);
    return prepareRule(declaration, { where, dt, inputs, outputs, ...(target && { target }) }, where);
  });
}

/** What errors about a rule start with. */
export function placeOfRule({ name, declarations }: LearnedConnection, place: number): string {
  return `learning of "${name}"${declarations.length > 1 ? `[${place}]` : ''}`;
}

/** The name of the first rule of a model for which every step has to be made; undefined where there is none. */
export function ruleOfEveryStep(model: Model, graph: ResolvedGraph): string | undefined {
  const rules = learnedConnections(model, graph).flatMap((connection) => rulesOf(connection, model.semantics.dt));
  return rules.find(({ rule }) => actsInEveryStep(rule))?.kind.rule;
}

/**
 * Whether a rule has something to do in steps in which nothing arrives and nothing spikes: it acts in every step, or keeps a trace for
 * which many such steps have no closed form.
 */
export function actsInEveryStep({ onStep, traces }: PlasticityRule): boolean {
  return onStep !== undefined || traces.some(({ mode }) => mode === 'mean-square');
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
