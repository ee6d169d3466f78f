import { describeValue, SpikewireError } from '@spikewire/models';
import { describeBounds, isWithin, type NumberBounds } from '../number-in-text.ts';

/**
 * What keys are called where they are set otherwise than in a configuration, such as the flags of a command line; by
 * key, one within another after a dot: `store.onNewModel`.
 */
export type KeyNames = Readonly<Record<string, string>>;

/** Says what is wrong with a value at a key; one that is left out is none. */
export type Check = (value: unknown, key: string, names: KeyNames) => void;

/** The key as it is called. */
export function nameOf(key: string, names: KeyNames): string {
  return names[key] ?? (key || 'configuration');
}

export function expecting(isRight: (value: unknown) => boolean, expected: string): Check {
  return (value, key, names) => {
    if (!isRight(value)) throw new SpikewireError('usage', nameOf(key, names), `is ${describeValue(value)}`, expected);
  };
}

export const numberIn = (bounds: NumberBounds) => expecting((value) => isWithin(value, bounds), describeBounds(bounds));
export const wordOf = (words: readonly string[]) =>
  expecting((value) => words.includes(value as string), words.join(', '));
export const text = expecting((value) => typeof value === 'string', 'a text');
export const flag = expecting((value) => typeof value === 'boolean', 'true or false');
const list = expecting(Array.isArray, 'a list');
const table = (expected: string) =>
  expecting((value) => typeof value === 'object' && value !== null && !Array.isArray(value), expected);

export function listOf(check: Check): Check {
  return (value, key, names) => {
    list(value, key, names);
    for (const each of value as readonly unknown[]) check(each, key, names);
  };
}

/** A part with keys of whatever names; `expected` shows one. */
export function tableOf(check: Check, expected: string): Check {
  const isTable = table(expected);
  return (value, key, names) => {
    isTable(value, key, names);
    for (const [inner, given] of Object.entries(value as object)) check(given, `${key}.${inner}`, names);
  };
}

/** A part with keys of its own, of which `needed` must be there. */
export function part(checks: Readonly<Record<string, Check>>, needed: readonly string[] = []): Check {
  const keys = Object.keys(checks);
  const isTable = table(`an object with keys such as "${needed[0] ?? keys[0]}"`);
  return (value, key, names) => {
    isTable(value, key, names);
    const given = value as Readonly<Record<string, unknown>>;
    const within = (inner: string) => (key === '' ? inner : `${key}.${inner}`);
    const stranger = Object.keys(given).find((inner) => !Object.hasOwn(checks, inner));
    if (stranger !== undefined) throw unknownKey(within(stranger), keys);
    for (const [inner, check] of Object.entries(checks))
      if (given[inner] !== undefined || needed.includes(inner)) check(given[inner], within(inner), names);
  };
}

function unknownKey(key: string, known: readonly string[]): SpikewireError {
  const expected = known.length === 1 ? `the key "${known[0]}"` : `one of the keys ${known.join(', ')}`;
  return new SpikewireError('usage', key, 'is an unknown key', expected);
}

/** A check for each key of a part. */
export type ChecksOf<Part> = Record<keyof Part, Check>;
