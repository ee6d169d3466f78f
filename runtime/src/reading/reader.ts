import { describeValue, type Model, printableLine, SpikewireError } from '@spikewire/models';
import { type ChannelPlace, joinedTopics, placesOf, type ReadingForm } from './form.ts';
import { isObject, parseJsonOrWord } from './json.ts';
import { isAbsent, numberIn } from './number.ts';
import { type Path, valueAt } from './path.ts';
import type { Reading } from './reading.ts';
import { timeIn } from './time.ts';

/** What a reader was told and did not use. */
export interface ReaderCounters {
  /** Keys at the outside of messages that are no channel. */
  ignoredKeys: number;
  /** Readings that were left out because a channel was missing. */
  skipped: number;
  /** Numbers that stood for missing ones. */
  held: number;
}

/** The last numbers of a net, and when those of each channel came. */
interface Last {
  readonly values: Float64Array;
  readonly times: Float64Array;
}

/** Numbers that are remembered of all nets together, for those that are missing later. */
const MOST_REMEMBERED = 1 << 20;
const MOST_NETS = 1 << 13;
/** Channels, and paths of numbers, that an error names. */
const SHOWN_PATHS = 6;
const DEEPEST_SHOWN = 4;

/**
 * Reads the messages of docs/messages.md, by the form that a person has named: a JSON number, an array, an object in
 * which the channels stand somewhere, or `{"t", "values": …}`. Where a reading has several numbers of each channel, an
 * array has those of the first channel first, and a named channel is an array. It remembers the last numbers of each
 * net where the form asks for that, those of the nets that were heard of last.
 */
export class ReadingReader {
  readonly counters: ReaderCounters;
  readonly #declared: Model['channels'];
  readonly #count: number;
  /** Numbers of a channel; all where the channels share them unevenly. */
  readonly #each: number;
  readonly #form: ReadingForm;
  readonly #channels: readonly ChannelPlace[];
  readonly #time: readonly Path[];
  /** The topics that make a reading where several are joined. */
  readonly #leading: ReadonlySet<string>;
  /** Names that lead from the outside of a message to a channel or the time. */
  readonly #known: ReadonlySet<string>;
  /** What follows an any key at the outside. */
  readonly #below: readonly Path[];
  /** What a message may be, for errors. */
  readonly #forms: string;
  /** What stands in place of the numbers of channels in this message, such as null or `nan`, by channel. */
  readonly #unknown = new Map<number, unknown>();
  /** By the names of nets, the one that was heard of last at the end. */
  readonly #last = new Map<string, Last>();

  /**
   * @param count the numbers of a reading
   * @param counters where it counts on; from 0 where absent
   * @throws SpikewireError `usage` where the form does not fit the model's channels
   */
  constructor(
    model: Pick<Model, 'channels'>,
    count: number,
    form: ReadingForm = {},
    counters: ReaderCounters = { ignoredKeys: 0, skipped: 0, held: 0 },
  ) {
    this.counters = counters;
    this.#declared = model.channels;
    const each = count / (model.channels.length || count);
    this.#count = count;
    this.#each = Number.isInteger(each) ? each : count;
    this.#form = form;
    const { channels, time } = placesOf(model, form);
    this.#channels = channels;
    this.#time = time;
    this.#forms = this.#expected();
    const joined = form.joinWithin === undefined ? [] : joinedTopics(model, form);
    this.#leading = new Set(joined.filter((topic) => channels[0]!.paths.some(([first]) => first === topic)));
    const all = [...channels.flatMap(({ paths }) => paths), ...time];
    this.#known = new Set(all.flatMap(([first]) => first ?? []));
    this.#below = all.filter(([first]) => first === null).map(([, ...rest]) => rest);
  }

  /** Whether it reads messages for another model, too: one with the same channels, and as many numbers in a reading. */
  suits({ channels }: Pick<Model, 'channels'>, count: number): boolean {
    const declared = this.#declared;
    const isSame = channels.every(({ name, unit }, at) => declared[at]?.name === name && declared[at].unit === unit);
    return isSame && channels.length === declared.length && count === this.#count;
  }

  /**
   * The reading that a message makes, of the net `key`; undefined where it makes none (yet). `topic` is that below the
   * input where several are joined. Throws `input` with what was wrong; a number that is not finite is an error, never
   * a reading.
   */
  read(key: string, payload: Uint8Array, now: number, topic?: string): Reading | undefined {
    const said = parseJsonOrWord(payload, topic === undefined ? this.#forms : undefined);
    const document = topic === undefined ? said : { [topic]: said };
    const isTimed = topic === undefined && isObject(said) && 'values' in said && !this.#known.has('values');
    const inside = isTimed ? said.values : document;
    const time = this.#first(document, this.#time) ?? (isTimed ? said.t : undefined);
    if (isTimed) this.#countIgnoredBeside(said);
    const taken = isAbsent(time) ? now : timeIn(time, 't');
    const isNamed = isObject(inside) && this.#channels.length > 0;
    if (isNamed && topic === undefined) this.#countIgnored(inside);
    this.#unknown.clear();
    const values = isNamed ? this.#named(inside) : this.#listed(inside);
    return this.#isWhole(key, values, now, inside, topic) ? { time: taken, values } : undefined;
  }

  #countIgnored(document: Record<string, unknown>): void {
    for (const [name, member] of Object.entries(document)) {
      const isUsed = this.#known.has(name) || this.#below.some((path) => valueAt(member, path) !== undefined);
      if (!isUsed) this.counters.ignoredKeys++;
    }
  }

  /** Beside `values`. */
  #countIgnoredBeside(timed: Record<string, unknown>): void {
    const times = this.#time.map(([first]) => first);
    const ignored = Object.keys(timed).filter((name) => name !== 'values' && name !== 't' && !times.includes(name));
    this.counters.ignoredKeys += ignored.length;
  }

  #first(document: unknown, paths: readonly Path[]): unknown {
    for (const path of paths) {
      const value = valueAt(document, path);
      if (value !== undefined) return value;
    }
    return undefined;
  }

  /** Numbers in order; NaN for one that is missing. */
  #listed(source: unknown): Float64Array {
    const count = this.#count;
    const list: unknown = count === 1 && !isObject(source) && !Array.isArray(source) ? [source] : source;
    if (!Array.isArray(list) || list.length !== count) {
      const said = Array.isArray(list) ? `has ${valuesText(list.length)}` : `is ${describeValue(source)}`;
      throw new SpikewireError('input', 'message', said, this.#forms);
    }
    const mayMiss = this.#each === 1;
    return Float64Array.from(list, (value, index) => {
      if (!mayMiss || !isAbsent(value)) return expectNumber(value, () => this.#nameOf(index));
      this.#unknown.set(index, value);
      return Number.NaN;
    });
  }

  /** The forms that a message may have, for somebody who sent none of them. */
  #expected(): string {
    const [count, each] = [this.#count, this.#each];
    const listed = count === 1 ? 'a number' : `an array of ${count} numbers`;
    const { length } = this.#channels;
    if (length === 0 || each * length !== count) return listed;
    const shown = this.#channels.slice(0, SHOWN_PATHS);
    const names = shown.map(({ name }) => `${JSON.stringify(name)}: ${each === 1 ? '…' : '[…]'}`);
    return `{${[...names, ...(length > SHOWN_PATHS ? ['…'] : [])].join(', ')}} or ${listed}`;
  }

  #nameOf(index: number): string {
    return (this.#each === 1 ? this.#channels[index]?.name : undefined) ?? `[${index}]`;
  }

  /** The numbers of the channels where they stand; NaN for those of one that is missing. */
  #named(document: unknown): Float64Array {
    const [count, each] = [this.#count, this.#each];
    if (each * this.#channels.length !== count) {
      const expected = `an array of ${count} numbers, which the channels share unevenly`;
      throw new SpikewireError('input', 'message', 'names channels', expected);
    }
    const values = new Float64Array(count);
    this.#channels.forEach(({ name, paths }, channel) => {
      const value = this.#first(document, paths);
      if (value !== undefined && isAbsent(value)) this.#unknown.set(channel, value);
      if (isAbsent(value)) values.fill(Number.NaN, channel * each, (channel + 1) * each);
      else if (each === 1) values[channel] = expectNumber(value, () => name);
      else values.set(blockOf(value, name, each), channel * each);
    });
    return values;
  }

  /**
   * Whether the values make a reading; those that are missing are put in where others stand for them. A message without
   * any number of a channel makes none.
   */
  #isWhole(key: string, values: Float64Array, now: number, document: unknown, topic: string | undefined): boolean {
    const { missing = 'refuse', joinWithin } = this.#form;
    const remembers = missing === 'hold' || joinWithin !== undefined;
    const known = remembers ? this.#remember(key, values, now) : undefined;
    const last = values.every(Number.isNaN) ? undefined : known;
    if (topic !== undefined && !this.#leading.has(topic)) return false;
    const each = this.#each;
    for (let at = 0; at < values.length; at += each) {
      if (!Number.isNaN(values[at]!) || this.#standIn(values, at, last, now)) continue;
      if (missing === 'refuse') throw this.#missing(at / each, document);
      this.counters.skipped++;
      return false;
    }
    return true;
  }

  /** Takes the last numbers of the channel that begins at `at`, where there are some that may stand for it. */
  #standIn(values: Float64Array, at: number, last: Last | undefined, now: number): boolean {
    const { missing, joinWithin = Number.NEGATIVE_INFINITY } = this.#form;
    if (last === undefined || Number.isNaN(last.values[at]!)) return false;
    const isFresh = now - last.times[at / this.#each]! <= joinWithin;
    if (!isFresh && missing !== 'hold') return false;
    if (!isFresh) this.counters.held += this.#each;
    values.set(last.values.subarray(at, at + this.#each), at);
    return true;
  }

  #remember(key: string, values: Float64Array, now: number): Last {
    const [count, each] = [this.#count, this.#each];
    const known = this.#last.get(key);
    const last = known ?? { values: new Float64Array(count).fill(Number.NaN), times: new Float64Array(count / each) };
    for (let at = 0; at < count; at += each) {
      if (Number.isNaN(values[at]!)) {
        // It is known that the number before no longer holds.
        if (this.#form.missing !== 'hold' && this.#unknown.has(at / each)) last.values[at] = Number.NaN;
        continue;
      }
      last.values.set(values.subarray(at, at + each), at);
      last.times[at / each] = now;
    }
    this.#last.delete(key);
    this.#last.set(key, last);
    const isFull = this.#last.size > Math.max(1, MOST_REMEMBERED / count) || this.#last.size > MOST_NETS;
    if (isFull) this.#last.delete(this.#last.keys().next().value!);
    return last;
  }

  #missing(channel: number, document: unknown): SpikewireError {
    const each = this.#each;
    const expected = each > 1 ? `an array of ${each} numbers` : 'a finite number';
    const name = this.#channels[channel]?.name ?? `[${channel}]`;
    const { otherRule = '--missing skip or hold' } = this.#form;
    const accepted = otherRule === '' ? expected : `${expected}, or ${otherRule}`;
    if (this.#unknown.has(channel)) {
      const problem = `is ${describeValue(this.#unknown.get(channel))}`;
      return new SpikewireError('input', `channel ${name}`, problem, accepted);
    }
    const there = numberPaths(document).filter((path) => !this.#known.has(path));
    const hint = there.length === 0 ? '' : ` (there is ${there.join(', ')})`;
    return new SpikewireError('input', `channel ${name}`, `is missing${hint}`, accepted);
  }
}

/** The consecutive samples of one channel. */
function blockOf(value: unknown, name: string, length: number): Float64Array {
  if (Array.isArray(value) && value.length === length) {
    return Float64Array.from(value, (sample, k) => expectNumber(sample, () => `${name}[${k}]`));
  }
  const problem = Array.isArray(value) ? `has ${valuesText(value.length)}` : 'is not an array';
  throw new SpikewireError('input', `channel ${name}`, problem, `an array of ${length} numbers`);
}

function expectNumber(value: unknown, name: () => string): number {
  const number = numberIn(value);
  if (number !== undefined) return number;
  const problem = value === undefined ? 'is missing' : `is ${describeValue(value)}`;
  throw new SpikewireError('input', `channel ${name()}`, problem, 'a finite number');
}

function valuesText(count: number): string {
  return count === 1 ? '1 value' : `${count} values`;
}

/** Where numbers stand in a message, as far as an error has room for it. */
function numberPaths(document: unknown, path = '', depth = 0): string[] {
  if (path !== '' && numberIn(document) !== undefined) return [path];
  if (!isObject(document) || depth === DEEPEST_SHOWN) return [];
  const found: string[] = [];
  for (const [key, member] of Object.entries(document)) {
    if (found.length >= SHOWN_PATHS) break;
    const step = printableLine(key.replace(/[\\.,=*]/g, '\\$&')).slice(0, 40);
    found.push(...numberPaths(member, path === '' ? step : `${path}.${step}`, depth + 1));
  }
  return found.slice(0, SHOWN_PATHS);
}
