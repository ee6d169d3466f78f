import { SpikewireError } from '../../error.ts';

/**
 * A JSON document as it was written. Objects are maps: they keep the order of the file even for names such as "10" and
 * "2", and a name such as "__proto__" is a name like any other.
 */
export type JsonTree = null | boolean | number | string | readonly JsonTree[] | ReadonlyMap<string, JsonTree>;

/** Deeper nesting than any model needs; a bound, so that no document can exhaust the stack. */
const MAXIMUM_DEPTH = 64;

export interface JsonBounds {
  readonly depth?: number;
  /** Characters of all that is no number: names, strings and words. */
  readonly characters?: number;
}

/**
 * Parses JSON (RFC 8259) more strictly than `JSON.parse`: duplicate keys, numbers beyond float64, lone surrogates and
 * what is beyond the bounds are errors of code `file` that name line and column. Linear in time and memory, and what is
 * too long is not read to its end.
 */
export function parseJsonTree(text: string, where: string, bounds: JsonBounds = {}): JsonTree {
  return new JsonParser(text, where, bounds).document();
}

/** One for all empty objects: a map costs a hundred times the two characters that ask for it. */
const EMPTY: ReadonlyMap<string, JsonTree> = new Map();
/** One for all empty lists. */
const EMPTY_LIST: readonly JsonTree[] = Object.freeze([]);
/** Lists up to this length are copied to just the room they need: V8 gives a list that grows room for 17 at once. */
const SHORT_LIST = 32;

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const SPACE = /[ \t\n\r]*/y;
const LONE_SURROGATE = /\p{Surrogate}/u;
const WORDS = [
  ['true', true],
  ['false', false],
  ['null', null],
] as const;

class JsonParser {
  readonly #text: string;
  readonly #where: string;
  readonly #maximumDepth: number;
  readonly #maximumCharacters: number;
  #position = 0;
  #depth = 0;
  #characters = 0;

  constructor(
    text: string,
    where: string,
    { depth = MAXIMUM_DEPTH, characters = Number.POSITIVE_INFINITY }: JsonBounds,
  ) {
    this.#text = text;
    this.#where = where;
    this.#maximumDepth = depth;
    this.#maximumCharacters = characters;
  }

  document(): JsonTree {
    const value = this.#value();
    this.#skipSpace();
    if (this.#position < this.#text.length) this.#fail('has more text after its end', 'one JSON value');
    return value;
  }

  #value(): JsonTree {
    this.#skipSpace();
    const next = this.#text[this.#position];
    if (next === '{' || next === '[') return this.#nested(next === '{');
    if (next === '"') return this.#string();
    return next === 't' || next === 'f' || next === 'n' ? this.#word() : this.#number();
  }

  #nested(isObject: boolean): JsonTree {
    if (++this.#depth > this.#maximumDepth) this.#fail('is nested too deeply', `at most ${this.#maximumDepth} levels`);
    this.#position++;
    const value = isObject ? this.#object() : this.#array();
    this.#depth--;
    return value;
  }

  #word(): boolean | null {
    const [word, value] = WORDS.find(([each]) => this.#text.startsWith(each, this.#position)) ?? this.#noValue();
    this.#position += word.length;
    this.#count(word.length);
    return value;
  }

  #object(): ReadonlyMap<string, JsonTree> {
    if (this.#takes('}')) return EMPTY;
    const members = new Map<string, JsonTree>();
    do {
      this.#skipSpace();
      const start = this.#position;
      const key = this.#string();
      if (members.has(key)) this.#fail(`has the key ${JSON.stringify(key)} twice`, 'every key once', start);
      if (!this.#takes(':')) this.#fail('has a key without value', ':');
      members.set(key, this.#value());
    } while (this.#takes(','));
    if (!this.#takes('}')) this.#fail('has an object that does not end here', ', or }');
    return members;
  }

  #array(): readonly JsonTree[] {
    if (this.#takes(']')) return EMPTY_LIST;
    const items: JsonTree[] = [];
    do items.push(this.#value());
    while (this.#takes(','));
    if (!this.#takes(']')) this.#fail('has an array that does not end here', ', or ]');
    return items.length <= SHORT_LIST ? items.slice() : items;
  }

  #string(): string {
    const start = this.#position;
    if (this.#text[start] !== '"') this.#fail('has no string here', 'a string in double quotes');
    let plain = true;
    let end = start + 1;
    for (; this.#text[end] !== '"'; end++) {
      const code = this.#text.charCodeAt(end);
      if (!(code >= 0x20)) this.#fail('has a string that does not end', 'a closing quote and no control characters');
      if (code !== 0x5c) continue;
      plain = false;
      end++;
    }
    this.#position = end + 1;
    this.#count(end + 1 - start);
    const value = plain ? this.#text.slice(start + 1, end) : this.#unescaped(start);
    if (LONE_SURROGATE.test(value)) this.#fail('has half a surrogate pair in a string', 'well-formed Unicode', start);
    return value;
  }

  #unescaped(start: number): string {
    try {
      return JSON.parse(this.#text.slice(start, this.#position));
    } catch {
      return this.#fail('has a string with an unknown escape', '\\" \\\\ \\/ \\b \\f \\n \\r \\t or \\uXXXX', start);
    }
  }

  #number(): number {
    NUMBER.lastIndex = this.#position;
    const digits = NUMBER.exec(this.#text)?.[0];
    if (digits === undefined) return this.#noValue();
    const value = Number(digits);
    if (!Number.isFinite(value)) this.#fail(`has the number ${digits.slice(0, 40)}`, 'a number within float64');
    this.#position += digits.length;
    return value;
  }

  #noValue(): never {
    return this.#fail('has no value here', 'an object, array, string, number, true, false or null');
  }

  #count(characters: number): void {
    this.#characters += characters;
    if (this.#characters <= this.#maximumCharacters) return;
    this.#fail('has too many names and other strings', `at most ${this.#maximumCharacters} characters of them`);
  }

  #takes(character: string): boolean {
    this.#skipSpace();
    if (this.#text[this.#position] !== character) return false;
    this.#position++;
    return true;
  }

  #skipSpace(): void {
    if (this.#text.charCodeAt(this.#position) > 0x20) return;
    SPACE.lastIndex = this.#position;
    SPACE.test(this.#text);
    this.#position = SPACE.lastIndex;
  }

  #fail(problem: string, expected: string, position = this.#position): never {
    const before = this.#text.slice(0, position);
    const line = before.split('\n').length;
    const column = position - before.lastIndexOf('\n');
    throw new SpikewireError('file', `${this.#where} line ${line} column ${column}`, problem, expected);
  }
}

/**
 * Writes a tree as JSON, numbers with the digits that give the same float64 back. With `lineWidth` what does not fit
 * into a line is broken into lines; without, there is no white space at all.
 */
export function formatJsonTree(tree: JsonTree, lineWidth?: number, indent = ''): string {
  const compact = formatCompact(tree, lineWidth === undefined ? '' : ' ');
  if (lineWidth === undefined || compact.length + indent.length <= lineWidth || typeof tree !== 'object')
    return compact;
  const inner = `${indent}  `;
  const broken = (item: JsonTree) => formatJsonTree(item, lineWidth, inner);
  const lines =
    tree instanceof Map
      ? [...tree].map(([key, member]) => `${inner}${JSON.stringify(key)}: ${broken(member)}`)
      : (tree as readonly JsonTree[]).map((item) => inner + broken(item));
  const [open, close] = tree instanceof Map ? '{}' : '[]';
  return `${open}\n${lines.join(',\n')}\n${indent}${close}`;
}

function formatCompact(tree: JsonTree, space: string): string {
  if (typeof tree === 'number') return Object.is(tree, -0) ? '-0' : JSON.stringify(tree);
  if (typeof tree !== 'object' || tree === null) return JSON.stringify(tree);
  if (tree instanceof Map) {
    const members = [...tree].map(([key, member]) => `${JSON.stringify(key)}:${space}${formatCompact(member, space)}`);
    return `{${members.join(`,${space}`)}}`;
  }
  return `[${(tree as readonly JsonTree[]).map((item) => formatCompact(item, space)).join(`,${space}`)}]`;
}
