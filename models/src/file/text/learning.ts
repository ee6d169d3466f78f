import type { ParameterDeclaration } from '../../graph/parameter.ts';
import type { LearningDeclaration } from '../../model.ts';
import { plasticityKinds } from '../../plasticity/rules.ts';
import type { JsonTree } from '../json-tree.ts';
import type { Place } from './place.ts';
import type { DocumentWriter } from './writer.ts';

/** Reads what a connection learns by: one rule, or a list that acts in order. Parameters left out get the rule's defaults. */
export function parseLearning(place: Place): LearningDeclaration[] {
  return Array.isArray(place.value) ? place.list(parseRule) : [parseRule(place)];
}

function parseRule(place: Place): LearningDeclaration {
  const rules = plasticityKinds.map(({ rule }) => rule);
  const name = place.need(place.members(), 'rule', rules.join(' or ')).choice(rules);
  const table = plasticityKinds.find((kind) => kind.rule === name)!.parameters;
  const members = place.object(['rule', ...Object.keys(table), 'bounds', 'storage']);
  const parameters: [string, number | string][] = [];
  for (const [key, declaration] of Object.entries(table)) {
    const value = members.get(key);
    if (value !== undefined) parameters.push([key, parseParameter(value, declaration)]);
    else if (declaration.default !== undefined) parameters.push([key, declaration.default]);
    else if (declaration.optional !== true) place.fail(`has no ${key}`, declaration.doc);
  }
  const bounds = members.get('bounds');
  const storage = members.get('storage');
  return {
    rule: name,
    parameters: Object.fromEntries(parameters),
    ...(bounds && { bounds: parseBounds(bounds) }),
    ...(storage && { storage: storage.choice(['float32', 'int16']) }),
  };
}

function parseParameter(place: Place, { form, words, above, minimum }: ParameterDeclaration): number | string {
  if (words !== undefined && (form === 'text' || typeof place.value === 'string')) return place.choice(words);
  const number = form === 'integers' ? place.integer(minimum ?? Number.MIN_SAFE_INTEGER) : place.number(minimum);
  return above === undefined || number > above ? number : place.fail(`is ${number}`, `a number above ${above}`);
}

function parseBounds(place: Place): [number, number] {
  const [lowest, highest, more] = place.items().map((item) => item.number());
  if (lowest === undefined || highest === undefined || more !== undefined || lowest > highest) {
    return place.fail('is not a range', '[lowest, highest]');
  }
  return [lowest, highest];
}

export function formatLearning(rules: readonly LearningDeclaration[], writer: DocumentWriter): JsonTree {
  const formatted = rules.map(({ rule, parameters, bounds, storage }) =>
    writer.members({ rule, ...parameters, bounds, storage }),
  );
  return formatted.length === 1 ? formatted[0]! : formatted;
}
