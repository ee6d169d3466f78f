import type { ForeignCode } from './foreign-code.ts';
import type { ExtensionField } from './manifest.ts';

/** What a value must be, and how to say so. */
export interface Requirement {
  readonly expected: string;
  holds(value: unknown): boolean;
  /** Of a method that gives something later: checks that, and guards what is code of somebody else in it. */
  readonly result?: ResultGuard;
  /** Of such a method that is given up after a time: calls it, with what it was given. */
  readonly call?: GuardedCall;
}

export type ResultGuard = (result: unknown, code: ForeignCode) => unknown;
export type GuardedCall = (method: Method, words: readonly unknown[], code: ForeignCode) => unknown;
type Method = (...words: unknown[]) => unknown;

export const flag: Requirement = { expected: 'true or false', holds: (value) => typeof value === 'boolean' };
export const text: Requirement = { expected: 'text', holds: (value) => typeof value === 'string' && value !== '' };
export const word: Requirement = {
  expected: 'a word of letters, digits, "-" and "_"',
  holds: (value) => typeof value === 'string' && /^[a-z][\w-]*$/i.test(value),
};
export const method: Requirement = { expected: 'a function', holds: (value) => typeof value === 'function' };
export const giving = (result: ResultGuard): Requirement => ({ ...method, result });
export const table: Requirement = {
  expected: 'an object',
  holds: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
};
export const endings: Requirement = {
  expected: 'an array of endings in lower case, such as [".txt"]',
  holds: (value) =>
    Array.isArray(value) && value.every((each) => typeof each === 'string' && /^\.[^A-Z./\\]+$/.test(each)),
};
export const list: Requirement = { expected: 'an array', holds: Array.isArray };
export const optional = (requirement: Requirement): Requirement => ({
  ...requirement,
  expected: `${requirement.expected}, or nothing`,
  holds: (value) => value === undefined || requirement.holds(value),
});

/** A kind of thing that packages bring. */
export interface ExtensionKind<Entry extends object> {
  readonly field: ExtensionField;
  /** The name under which a module exports an array of them. */
  readonly exported: string;
  /** What one of them is called. */
  readonly title: string;
  /** What each must have; nothing else of it is used. */
  readonly shape: Readonly<Record<keyof Entry & string, Requirement>>;
  /** The names by which people ask for one: no two share one. */
  names(entry: Entry): readonly string[];
  /** Names that spikewire has itself. */
  readonly taken: readonly string[];
}
