import { SpikewireError } from '../../error.ts';
import type { JsonObject, JsonValue } from '../../model/model.ts';
import { candidates, describe } from '../../printable.ts';
import type { JsonTree } from './json-tree.ts';

/** No model is nested deeper; a bound for documents that come as objects and may even contain themselves. */
const MAXIMUM_DEPTH = 64;
/** Names and words are for people; longer ones are an attack or a mistake. */
const MAXIMUM_NAME = 256;

/**
 * A value of a JSON document and where it stands. Every method says what the value must be and throws a `graph` error
 * that names the place (`nodes.lif.tau[3]`) where it is not. Objects may be maps (from `parseJsonTree`) or plain.
 */
export class Place {
  readonly value: unknown;
  readonly path: string;
  readonly #depth: number;

  constructor(value: unknown, path = '', depth = 0) {
    this.value = value;
    this.path = path;
    this.#depth = depth;
  }

  fail(problem: string, expected: string): never {
    throw new SpikewireError('graph', this.path === '' ? 'model' : this.path, problem, expected);
  }

  /** The place of an item of this list, given as `[2][0]`. */
  at(indices: string): Place {
    return new Place(undefined, this.path + indices, this.#depth);
  }

  /** The members of an object, in their order. */
  members(): Map<string, Place> {
    const { value } = this;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return this.fail(`is ${describe(value)}`, 'an object');
    }
    const entries = value instanceof Map ? value : Object.entries(value);
    const members = new Map<string, Place>();
    for (const [key, member] of entries) {
      if (member !== undefined) members.set(key, this.#child(member, memberPath(this.path, key)));
    }
    return members;
  }

  /** The members of an object all of whose keys are among `allowed`. */
  object(allowed: readonly string[]): Map<string, Place> {
    const members = this.members();
    for (const key of members.keys()) {
      if (!allowed.includes(key)) this.fail(`has the unknown key ${describe(key)}`, candidates(allowed));
    }
    return members;
  }

  /** A member that must be there; `expected` says what it would be. */
  need(members: ReadonlyMap<string, Place>, key: string, expected: string): Place {
    return members.get(key) ?? this.fail(`has no ${key}`, expected);
  }

  items(): Place[] {
    return this.list((item) => item);
  }

  /** The same, each item read at once, so that a long list never stands in memory as places. */
  list<T>(read: (item: Place) => T): T[] {
    if (!Array.isArray(this.value)) return this.fail(`is ${describe(this.value)}`, 'a list');
    return this.value.map((item, index) => read(this.#child(item, `${this.path}[${index}]`)));
  }

  number(lowest = Number.NEGATIVE_INFINITY, highest = Number.POSITIVE_INFINITY): number {
    const { value } = this;
    if (typeof value === 'number' && Number.isFinite(value) && value >= lowest && value <= highest) return value;
    return this.fail(`is ${describe(value)}`, `a number${rangeText(lowest, highest)}`);
  }

  integer(lowest: number, highest: number = Number.MAX_SAFE_INTEGER): number {
    const { value } = this;
    if (Number.isSafeInteger(value) && (value as number) >= lowest && (value as number) <= highest)
      return value as number;
    return this.fail(`is ${describe(value)}`, `a whole number${rangeText(lowest, highest)}`);
  }

  /** A text of any length. */
  text(): string {
    return typeof this.value === 'string' ? this.value : this.fail(`is ${describe(this.value)}`, 'a text');
  }

  /** A short text that is not empty: what nodes, labels and tensors may be called. */
  name(): string {
    const text = this.text();
    checkName(text, this);
    return text;
  }

  choice<Choice extends string | number>(choices: readonly Choice[]): Choice {
    const choice = choices.find((candidate) => candidate === this.value);
    return choice ?? this.fail(`is ${describe(this.value)}`, choices.map(describe).join(' or ') || 'nothing');
  }

  /** The value as a document of its own, copied. */
  tree(): JsonTree {
    const { value } = this;
    if (isLeaf(value)) return value;
    if (Array.isArray(value)) {
      return value.map((item, index) => (isLeaf(item) ? item : this.#child(item, `${this.path}[${index}]`).tree()));
    }
    if (typeof value !== 'object') return this.#failJson();
    return new Map([...this.members()].map(([key, member]) => [key, member.tree()]));
  }

  /** An object that the model only carries, with plain objects inside. */
  jsonObject(): JsonObject {
    const members = [...this.members()].map(([key, member]): [string, JsonValue] => [key, member.#plain()]);
    return Object.fromEntries(members);
  }

  #plain(): JsonValue {
    const { value } = this;
    if (isLeaf(value)) return value;
    if (!Array.isArray(value)) return typeof value === 'object' ? this.jsonObject() : this.#failJson();
    return value.map((item, index) => (isLeaf(item) ? item : this.#child(item, `${this.path}[${index}]`).#plain()));
  }

  #failJson(): never {
    return this.fail(`is ${describe(this.value)}`, 'a JSON value');
  }

  #child(value: unknown, path: string): Place {
    if (this.#depth >= MAXIMUM_DEPTH) this.fail('is nested too deeply', `at most ${MAXIMUM_DEPTH} levels`);
    return new Place(value, path, this.#depth + 1);
  }
}

/** Refuses names that are empty or absurdly long; the error stands at `place`. */
export function checkName(name: string, place: Place): void {
  if (name.length > 0 && name.length <= MAXIMUM_NAME) return;
  place.fail(`has the name ${describe(name)}`, `a name of 1…${MAXIMUM_NAME} characters`);
}

function memberPath(path: string, key: string): string {
  if (/^[\w-]{1,64}$/.test(key)) return path === '' ? key : `${path}.${key}`;
  return `${path}[${describe(key)}]`;
}

function rangeText(lowest: number, highest: number): string {
  if (Number.isFinite(lowest) && highest < Number.MAX_SAFE_INTEGER) return ` in ${lowest}…${highest}`;
  return Number.isFinite(lowest) ? ` from ${lowest}` : '';
}

function isLeaf(value: unknown): value is null | boolean | number | string {
  if (typeof value === 'number') return Number.isFinite(value);
  return value === null || typeof value === 'boolean' || typeof value === 'string';
}
