import type { ParameterDeclaration } from '../../graph/parameter.ts';
import type { FeedbackDeclaration, LearningDeclaration } from '../../model.ts';
import { plasticityKinds } from '../../plasticity/rules.ts';
import type { JsonTree } from '../json-tree.ts';
import type { Place } from './place.ts';
import type { DocumentWriter } from './writer.ts';

/** What any rule may have beside its parameters. */
const SHARED_KEYS = ['bounds', 'softness', 'storage', 'normalize', 'homeostasis', 'feedback', 'order'];
/** Errors that meet random weights: more outputs than any net answers with would be a way to ask for much memory. */
const LARGEST_FEEDBACK = 4096;

/** Reads what a connection learns by: one rule, or a list that acts in order. Parameters left out get the rule's defaults. */
export function parseLearning(place: Place): LearningDeclaration[] {
  return Array.isArray(place.value) ? place.list(parseRule) : [parseRule(place)];
}

function parseRule(place: Place): LearningDeclaration {
  const rules = plasticityKinds.map(({ rule }) => rule);
  const name = place.need(place.members(), 'rule', rules.join(' or ')).choice(rules);
  const table = plasticityKinds.find((kind) => kind.rule === name)!.parameters;
  const members = place.object(['rule', ...Object.keys(table), ...SHARED_KEYS]);
  const parameters: [string, number | string][] = [];
  for (const [key, declaration] of Object.entries(table)) {
    const value = members.get(key);
    if (value !== undefined) parameters.push([key, parseParameter(value, declaration)]);
    else if (declaration.default !== undefined) parameters.push([key, declaration.default]);
    else if (declaration.optional !== true) place.fail(`has no ${key}`, declaration.doc);
  }
  return { rule: name, parameters: Object.fromEntries(parameters), ...parseMechanisms(members) };
}

function parseMechanisms(members: ReadonlyMap<string, Place>): Omit<LearningDeclaration, 'rule' | 'parameters'> {
  const [bounds, softness, storage] = ['bounds', 'softness', 'storage'].map((key) => members.get(key));
  const [normalize, homeostasis, feedback] = ['normalize', 'homeostasis', 'feedback'].map((key) => members.get(key));
  const order = members.get('order');
  return {
    ...(bounds && { bounds: parseBounds(bounds) }),
    ...(softness && { softness: softness.number(0) }),
    ...(storage && { storage: storage.choice(['float32', 'int16', 'int8']) }),
    ...(normalize && { normalize: parseRecurring(normalize, ['sum']) }),
    ...(homeostasis && { homeostasis: parseRecurring(homeostasis, ['rate', 'tau', 'strength']) }),
    ...(feedback && { feedback: parseFeedback(feedback) }),
    ...(order && { order: order.choice(['pre-first']) }),
  };
}

/** An object of numbers of at least 0, and the steps between two times. */
function parseRecurring<Key extends string>(
  place: Place,
  keys: readonly Key[],
): Record<Key, number> & { every?: number } {
  const members = place.object([...keys, 'every']);
  const numbers = keys.map((key) => [key, place.need(members, key, 'a number').number(0)] as const);
  const every = members.get('every')?.integer(1);
  return { ...(Object.fromEntries(numbers) as Record<Key, number>), ...(every !== undefined && { every }) };
}

function parseFeedback(place: Place): FeedbackDeclaration {
  if (place.members().has('random')) {
    const members = place.object(['random', 'seed']);
    const seed = members.get('seed')?.integer(0);
    return { random: members.get('random')!.integer(1, LARGEST_FEEDBACK), ...(seed !== undefined && { seed }) };
  }
  const members = place.object(['through', 'direction']);
  return {
    through: place.need(members, 'through', 'the name of a connection, or random: the number of errors').name(),
    direction: place.need(members, 'direction', 'backward or forward').choice(['backward', 'forward']),
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
  const formatted = rules.map(({ rule, parameters, bounds, softness, storage, ...nested }) => {
    const { normalize, homeostasis, feedback, order } = nested;
    return writer.members({
      rule,
      ...parameters,
      bounds,
      softness,
      storage,
      normalize: normalize && writer.json({ ...normalize }, 'normalize'),
      homeostasis: homeostasis && writer.json({ ...homeostasis }, 'homeostasis'),
      feedback: feedback && writer.json({ ...feedback }, 'feedback'),
      order,
    });
  });
  return formatted.length === 1 ? formatted[0]! : formatted;
}
