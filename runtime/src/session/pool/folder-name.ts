import { createHash } from 'node:crypto';

/**
 * Names that any key may have as a folder on any file system, also one that takes upper and lower case for the same.
 */
const PLAIN = /^[a-z0-9_][a-z0-9_-]{0,63}$/;
/** What the name of any other key ends with, and so no plain name may. */
const HASHED = /-[0-9a-f]{16}$/;

/**
 * A folder name for any key, a different one for each: the key itself where it is plain, else its readable part and a
 * hash.
 */
export function folderName(key: string): string {
  if (PLAIN.test(key) && !HASHED.test(key)) return key;
  const readable = key
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, '-')
    .slice(0, 40);
  return `${readable}-${createHash('sha256').update(key).digest('hex').slice(0, 16)}`;
}
