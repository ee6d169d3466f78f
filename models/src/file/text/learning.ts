import type { JsonObject, LearningDeclaration } from '../../model/model.ts';
import { checkNames, readParameters } from '../../parameters/read.ts';
import {
  type Mechanisms,
  mechanismParameters,
  mechanisms,
  readMechanisms,
} from '../../plasticity/mechanisms/mechanisms.ts';
import { plasticityKinds } from '../../plasticity/rules.ts';
import type { JsonTree } from './json-tree.ts';
import type { Place } from './place.ts';
import type { DocumentWriter } from './writer.ts';

/**
 * Reads what a connection learns by: one rule, or a list that acts in order. Parameters left out get the rule's
 * defaults.
 */
export function parseLearning(place: Place): LearningDeclaration[] {
  return Array.isArray(place.value) ? place.list(parseRule) : [parseRule(place)];
}

function parseRule(place: Place): LearningDeclaration {
  const names = plasticityKinds.map(({ rule }) => rule);
  const name = place.need(place.members(), 'rule', names.join(' or ')).choice(names);
  const table = plasticityKinds.find(({ rule }) => rule === name)!.parameters;
  const { rule: _rule, ...given } = place.jsonObject();
  checkNames(place.path, given, { ...table, ...mechanismParameters }, 'learning');
  const own = Object.fromEntries(Object.entries(given).filter(([key]) => Object.hasOwn(table, key)));
  const read = readParameters(place.path, own, table, 'learning');
  // A word that is the default has never been written into files, and so their digests stay what they are.
  const stated = Object.entries(read).filter(([key, value]) => key in own || typeof value === 'number');
  return {
    rule: name,
    parameters: Object.fromEntries(stated) as LearningDeclaration['parameters'],
    ...readMechanisms(place.path, given),
  };
}

export function formatLearning(rules: readonly LearningDeclaration[], writer: DocumentWriter): JsonTree {
  const formatted = rules.map(({ rule, parameters, ...declared }) => {
    const beside = mechanisms.map(({ key }) => [key, formatMechanism(declared[key as keyof Mechanisms], key, writer)]);
    return writer.members({ rule, ...parameters, ...Object.fromEntries(beside) });
  });
  return formatted.length === 1 ? formatted[0]! : formatted;
}

function formatMechanism(declared: Mechanisms[keyof Mechanisms], key: string, writer: DocumentWriter) {
  const isObject = typeof declared === 'object' && !Array.isArray(declared);
  return isObject ? writer.json({ ...(declared as JsonObject) }, key) : (declared as JsonTree | undefined);
}
