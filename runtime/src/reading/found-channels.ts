import { printableLine, SpikewireError } from '@spikewire/models';
import type { ReadingForm } from './form.ts';
import { isObject, parseJsonOrWord } from './json.ts';
import { numberIn } from './number.ts';
import { type Path, parsePath, valueAt } from './path.ts';

/** What the first message of a stream has. */
export interface FoundChannels {
  readonly names: readonly string[];
  /** Where those channels stand that do not stand at the outside, by their names. */
  readonly paths: ReadonlyMap<string, Path>;
}

const MOST_CHANNELS = 64;
/** Steps of a path, and members of an object, that are looked at. */
const DEEPEST = 6;
const MOST_MEMBERS = 1000;
/** What messages call their time, which is no channel. */
const TIMES: ReadonlySet<string> = new Set(['t', 'ts', 'time', 'timestamp', 'last_seen']);

/**
 * The channels of a stream of which there is one message: those that `paths` names, or every number in it. A number by
 * itself is `value`, those of an array are `value 1`, `value 2`, …; in objects they have the name of their key, or,
 * where several have the same, all keys that lead there. Texts and switches count where there is no other number.
 * Throws `input` where there is none, or more than 64.
 */
export function foundChannels(payload: Uint8Array, { paths, profile }: ReadingForm = {}): FoundChannels {
  const message = parseJsonOrWord(payload);
  const named = [...(paths ?? [])].filter(([name]) => name !== 't');
  if (named.length > 0) return { names: named.map(([name]) => name), paths: new Map(named) };
  const inside = isObject(message) && 'values' in message ? message.values : message;
  if (!isObject(inside)) return listed(inside);
  const times = new Set((profile?.time ?? []).map((path) => parsePath(path).join('\0')));
  const numbers = leavesOf(inside, (value) => typeof value === 'number' && Number.isFinite(value), times);
  return byKeys(numbers.length > 0 ? numbers : leavesOf(inside, (value) => numberIn(value) !== undefined, times));
}

function listed(inside: unknown): FoundChannels {
  const values = Array.isArray(inside) ? inside : [inside];
  const wrong = values.find((value) => numberIn(value) === undefined);
  if (wrong !== undefined) throw noNumbers();
  expectFew(values.length);
  const names = values.length > 1 ? values.map((_, k) => `value ${k + 1}`) : ['value'];
  return { names, paths: new Map() };
}

function leavesOf(
  document: Record<string, unknown>,
  isChannel: (value: unknown) => boolean,
  times: ReadonlySet<string>,
  above: readonly string[] = [],
): (readonly string[])[] {
  return Object.entries(document)
    .slice(0, MOST_MEMBERS)
    .flatMap(([key, member]) => {
      const path = [...above, key];
      if (isObject(member)) return path.length < DEEPEST ? leavesOf(member, isChannel, times, path) : [];
      const isTime = key === '' || times.has(path.join('\0')) || TIMES.has(key.toLowerCase());
      return isTime || !isChannel(member) || valueAt(document, [key]) === undefined ? [] : [path];
    });
}

function byKeys(found: readonly (readonly string[])[]): FoundChannels {
  expectFew(found.length);
  const last = found.map((path) => path.at(-1)!);
  const names = found.map((path, k) => (last.filter((key) => key === last[k]).length > 1 ? path.join('.') : last[k]!));
  const places = found.map((path, k) => [printableLine(names[k]!).slice(0, 100), path] as const);
  if (new Set(places.map(([name]) => name)).size < places.length) throw noNumbers();
  return { names: places.map(([name]) => name), paths: new Map(places) };
}

function expectFew(count: number): void {
  if (count === 0) throw noNumbers();
  if (count <= MOST_CHANNELS) return;
  throw new SpikewireError('input', 'message', `has ${count} numbers`, `at most ${MOST_CHANNELS}, or named channels`);
}

function noNumbers(): SpikewireError {
  return new SpikewireError(
    'input',
    'message',
    'has no numbers to watch',
    'a number, an array or an object of numbers',
  );
}
