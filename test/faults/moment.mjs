// A moment of a process, counted in what it does with files: the same in each run, unlike a time.
import files from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const OF_PATHS = ['open', 'mkdir', 'link', 'rename', 'truncate', 'unlink'];
const OF_HANDLES = ['writeFile', 'datasync', 'sync', 'close'];
const SYNCS = ['datasync', 'sync'];

/**
 * Counts the file operations of this process from `begin` on, and calls `come` at the given one: before it begins, or
 * when it has just begun in another thread. Only modules that are imported later are counted. `withoutSync`: no
 * operation makes anything durable, as if the program had forgotten to.
 *
 * @returns {Promise<{ begin: () => void }>}
 */
export async function momentOf({ operations, isBefore }, come, { withoutSync = false } = {}) {
  let left = Number.POSITIVE_INFINITY;
  const counted = (owner, name) => {
    const original = owner[name];
    const isLeftOut = withoutSync && SYNCS.includes(name);
    owner[name] = function (...given) {
      const isNow = left-- === 0;
      if (isNow && isBefore) come();
      const done = isLeftOut ? Promise.resolve() : original.apply(this, given);
      if (isNow) come();
      return done;
    };
  };
  const handle = await files.open(process.execPath);
  for (const name of OF_HANDLES) counted(Object.getPrototypeOf(handle), name);
  await handle.close();
  for (const name of OF_PATHS) counted(files, name);
  syncBuiltinESMExports();
  return { begin: () => (left = operations) };
}
