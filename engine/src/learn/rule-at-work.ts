import {
  type Connectivity,
  type LearningDeclaration,
  type Model,
  type PlasticityKind,
  type PlasticityRule,
  type PlasticitySite,
  plasticityKinds,
  type ResolvedGraph,
  readMechanisms,
  SpikewireError,
} from '@spikewire/models';
import { type LearnedConnection, learnedConnections } from './learned-connections.ts';

/** A rule with its numbers, as one connection declared it. */
export interface RuleAtWork {
  readonly kind: PlasticityKind;
  readonly rule: PlasticityRule;
  readonly declaration: LearningDeclaration;
}

/**
 * Finds the rule by name, checks its parameters and fills in their defaults. Throws `learning` errors that start with
 * the site's `where`.
 */
function prepareRule(
  declaration: LearningDeclaration,
  site: PlasticitySite,
  structure: Connectivity['structure'],
): RuleAtWork {
  const { where } = site;
  const kind = plasticityKinds.find(({ rule }) => rule === declaration.rule);
  if (kind === undefined) {
    const known = plasticityKinds.map(({ rule }) => rule).join(', ');
    throw new SpikewireError('learning', where, `has unknown rule "${declaration.rule}"`, known);
  }
  if (kind.structures?.includes(structure) === false) {
    const problem = `(${kind.rule}) is on a connection of structure ${structure}`;
    throw new SpikewireError('learning', where, problem, kind.structures.join(' or '));
  }
  readMechanisms(where, { ...declaration });
  if (declaration.arithmetic === 'integer') expectIntegerForm(declaration, kind, where, structure);
  return { kind, rule: kind.prepare(declaration.parameters, site), declaration };
}

/** See docs/semantics.md §4, integer arithmetic. */
function expectIntegerForm(
  { rule, softness, storage }: LearningDeclaration,
  { hasIntegerForm }: PlasticityKind,
  where: string,
  structure: Connectivity['structure'],
): void {
  const refuse = (problem: string, expected: string) => {
    throw new SpikewireError('learning', `${where}.arithmetic`, problem, expected);
  };
  if (hasIntegerForm !== true) {
    const able = plasticityKinds.flatMap((kind) => (kind.hasIntegerForm ? kind.rule : []));
    refuse(`is integer, and ${rule} has no integer form`, able.join(' or '));
  }
  if (structure !== 'dense') refuse(`is integer on a connection of structure ${structure}`, 'dense');
  if (storage === 'float32') refuse('is integer for weights in float32', 'int16 or int8');
  if (softness !== undefined) refuse('is integer for a change that depends on the weight', 'no softness');
}

/** The rules of a connection, in order. Throws `learning` where a declaration is wrong. */
export function rulesOf(connection: LearnedConnection, dt: number): RuleAtWork[] {
  const { declarations, target, connectivity } = connection;
  const { structure, inputs, outputs } = connectivity;
  if (declarations.some(({ arithmetic }) => arithmetic !== declarations[0]!.arithmetic)) {
    const where = `learning of "${connection.name}"`;
    throw new SpikewireError('learning', where, 'has rules in integers and in real numbers', 'one arithmetic for all');
  }
  return declarations.map((declaration, index) => {
    const where = whereOfRule(connection, index);
    return prepareRule(declaration, { where, dt, inputs, outputs, ...(target && { target }) }, structure);
  });
}

/** What errors about a rule start with. */
export function whereOfRule({ name, declarations }: LearnedConnection, index: number): string {
  return `learning of "${name}"${declarations.length > 1 ? `[${index}]` : ''}`;
}

/** The name of the first rule of a model for which every step has to be made; undefined where there is none. */
export function ruleOfEveryStep(model: Model, graph: ResolvedGraph): string | undefined {
  const rules = learnedConnections(model, graph).flatMap((connection) => rulesOf(connection, model.semantics.dt));
  return rules.find(({ rule }) => actsInEveryStep(rule))?.kind.rule;
}

/**
 * Whether a rule has something to do in steps in which nothing arrives and nothing spikes: it acts in every step, or
 * keeps a trace for which many such steps have no closed form.
 */
export function actsInEveryStep({ onStep, traces }: PlasticityRule): boolean {
  return onStep !== undefined || traces.some(({ mode }) => mode === 'mean-square');
}
