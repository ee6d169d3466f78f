import type { Cursor } from '../bytes/cursor.ts';
import { textOf } from '../bytes/cursor.ts';

/** What a group says of one name: an object, or what is not followed. */
export interface Link {
  readonly name: string;
  /** Of the object header; undefined for a link that is no hard one. */
  readonly address: number | undefined;
  /** What a link is that is no hard one. */
  readonly what: string;
}

const [HARD, SOFT, EXTERNAL] = [0, 1, 64];

/** A link message (HDF5 File Format Specification, IV.A.2.g). */
export function readLink(message: Cursor): Link {
  message.version('a link', 1);
  const flags = message.uint(1);
  const type = (flags & 8) !== 0 ? message.uint(1) : HARD;
  if ((flags & 4) !== 0) message.skip(8);
  if ((flags & 16) !== 0) message.skip(1);
  const name = textOf(message.take(message.uint(2 ** (flags & 3))), message.where);
  if (type === HARD) return { name, address: message.defined('object'), what: '' };
  const content = message.take(message.uint(2));
  if (type === SOFT) return softLink(name, textOf(content, message.where));
  if (type === EXTERNAL) return { name, address: undefined, what: 'a link to another file' };
  return { name, address: undefined, what: `a link of type ${type}` };
}

export const softLink = (name: string, path: string): Link => ({
  name,
  address: undefined,
  what: `a soft link to "${path}"`,
});
