import { SpikewireError } from '@spikewire/models';
import { isObject } from './json.ts';

/** From the outside of a message to a value in it: keys of objects, indices of arrays; `null` stands for any key. */
export type Path = readonly (string | null)[];

const MOST_STEPS = 16;

/**
 * Reads `AM2301.Temperature`: steps between dots. A step is a key, the index of an array, or `*`, the first key under
 * which the rest of the path leads anywhere. A backslash takes the meaning from the dot, comma, `=`, `*` or backslash
 * behind it. Throws `usage`.
 */
export function parsePath(text: string): Path {
  const steps = split(text, '.').map((step) => (step === '*' ? null : unescaped(step)));
  if (!steps.includes('') && steps.length <= MOST_STEPS) return steps;
  const expected = `keys separated by dots, such as a.b, at most ${MOST_STEPS}`;
  throw new SpikewireError('usage', 'path', `is "${text}"`, expected);
}

/** Reads `temperature=AM2301.Temperature,power=ENERGY.Power`: a path by the name of each channel. Throws `usage`. */
export function parseChannelPaths(text: string): ReadonlyMap<string, Path> {
  const paths = new Map<string, Path>();
  for (const part of split(text, ',')) {
    const [name = '', path, ...more] = split(part, '=');
    const channel = unescaped(name.trim());
    if (channel === '' || path === undefined || more.length > 0) {
      throw new SpikewireError('usage', 'channels', `have "${part}"`, 'name=path,name=path');
    }
    if (paths.has(channel)) throw new SpikewireError('usage', 'channels', `name "${channel}" twice`, 'each once');
    paths.set(channel, parsePath(path.trim()));
  }
  return paths;
}

/** The value at the end of a path; undefined where it leads nowhere. */
export function valueAt(document: unknown, path: Path, step = 0): unknown {
  if (step === path.length) return document;
  const key = path[step]!;
  if (Array.isArray(document)) {
    return key !== null && /^\d{1,6}$/.test(key) ? valueAt(document[Number(key)], path, step + 1) : undefined;
  }
  if (!isObject(document)) return undefined;
  if (key !== null) return Object.hasOwn(document, key) ? valueAt(document[key], path, step + 1) : undefined;
  for (const member of Object.values(document)) {
    const value = valueAt(member, path, step + 1);
    if (value !== undefined) return value;
  }
  return undefined;
}

function split(text: string, separator: string): string[] {
  const parts: string[] = [];
  let part = '';
  for (let at = 0; at < text.length; at++) {
    const escaped = text[at] === '\\';
    if (!escaped && text[at] === separator) {
      parts.push(part);
      part = '';
    } else part += escaped ? text.slice(at, ++at + 1) : text[at];
  }
  return [...parts, part];
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/gs, '$1');
}
