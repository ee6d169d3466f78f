import { SpikewireError } from 'spikewire';

/*
 * What one message may hold, so that none keeps Node-RED from the others for more than some hundredths of a second.
 */
/** Numbers, texts, lists and objects. */
export const MOST_VALUES = 2 ** 16;
/** Names in objects, and lists: far dearer than numbers. */
export const MOST_NAMES = 2 ** 12;
/** Bytes of a text, or of all texts. */
export const MOST_BYTES = 2 ** 20;
const DEEPEST = 64;

const [COMMA, COLON, LIST, OBJECT] = [...',:[{'].map((sign) => sign.charCodeAt(0));

/**
 * A copy of a value as JSON would say it, but for numbers that are not finite, which become texts, and typed arrays,
 * which become lists. Throws `input` where it holds too much, before that is looked at, and where it does not let itself
 * be read.
 *
 * @param where what an error names, such as `msg.payload`
 */
export function plainDocument(value: unknown, where: string): unknown {
  try {
    return new DocumentCopy(where).of(value, 0);
  } catch (cause) {
    if (cause instanceof SpikewireError) throw cause;
    // What a function node has put there: a getter or a `toJSON` that throws.
    throw new SpikewireError('input', where, 'cannot be read', 'numbers, texts, lists and objects', cause);
  }
}

/** Throws `input` where a text of JSON holds too much; it is not parsed. */
export function checkText(text: Uint8Array, where: string): void {
  if (text.length > MOST_BYTES) throw tooMuch(where, `${text.length} bytes`, MOST_BYTES);
  let values = 1;
  let names = 0;
  for (let at = 0; at < text.length; at++) {
    const byte = text[at];
    if (byte === COMMA) values++;
    else if (byte === COLON || byte === LIST || byte === OBJECT) names++;
  }
  checkCounts(where, values, names);
}

/** Throws `input` for a list of more numbers than a message may hold. */
export function checkLength({ length }: { readonly length: number }, where: string, most = MOST_VALUES): void {
  if (length > most) throw tooMuch(where, `${length} values`, most);
}

class DocumentCopy {
  readonly #where: string;
  #values = 1;
  #names = 0;
  #text = 0;

  constructor(where: string) {
    this.#where = where;
  }

  of(value: unknown, depth: number): unknown {
    if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
    if (typeof value === 'string') return this.#textOf(value);
    if (typeof value !== 'object' || value === null) return value;
    if (depth > DEEPEST) throw tooMuch(this.#where, `more than ${DEEPEST} levels`, DEEPEST);
    if (Array.isArray(value)) return this.#listOf(value, depth);
    if (ArrayBuffer.isView(value) && !(value instanceof DataView))
      return this.#listOf(value as unknown as ArrayLike<unknown>, depth);
    const { toJSON } = value as { readonly toJSON?: unknown };
    if (typeof toJSON === 'function') return this.of(toJSON.call(value), depth + 1);
    const isBoxed = value instanceof Number || value instanceof String || value instanceof Boolean;
    return isBoxed ? this.of(value.valueOf(), depth + 1) : this.#objectOf(value as Record<string, unknown>, depth);
  }

  #textOf(text: string): string {
    this.#text += text.length;
    if (this.#text > MOST_BYTES) throw tooMuch(this.#where, `${this.#text} characters`, MOST_BYTES);
    return text;
  }

  #listOf(list: ArrayLike<unknown>, depth: number): unknown[] {
    this.#count(list.length, 1);
    const copy: unknown[] = [];
    for (let k = 0; k < list.length; k++) copy.push(this.of(list[k], depth + 1));
    return copy;
  }

  #objectOf(members: Record<string, unknown>, depth: number): Record<string, unknown> {
    const names = Object.keys(members);
    this.#count(names.length, names.length + 1);
    const copy: Record<string, unknown> = Object.create(null);
    for (const name of names) copy[this.#textOf(name)] = this.of(members[name], depth + 1);
    return copy;
  }

  #count(values: number, names: number): void {
    this.#values += values;
    this.#names += names;
    checkCounts(this.#where, this.#values, this.#names);
  }
}

function checkCounts(where: string, values: number, names: number): void {
  if (values > MOST_VALUES) throw tooMuch(where, `${values} values`, MOST_VALUES);
  if (names > MOST_NAMES) throw tooMuch(where, `${names} names and lists`, MOST_NAMES);
}

function tooMuch(where: string, problem: string, most: number): SpikewireError {
  return new SpikewireError('input', where, `has ${problem}`, `at most ${most}`);
}
