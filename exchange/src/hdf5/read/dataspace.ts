import type { Cursor } from '../bytes/cursor.ts';

const MOST_DIMENSIONS = 32;
const NULL = 2;

/** The sizes of an array (HDF5 File Format Specification, IV.A.2.b). */
export interface Dataspace {
  readonly shape: readonly number[];
  /** Sizes that it may grow to; undefined without limit. */
  readonly maximum: readonly (number | undefined)[];
}

export function readDataspace(message: Cursor): Dataspace {
  const version = message.version('a dataspace', 1, 2);
  const [rank, flags] = [message.uint(1), message.uint(1)];
  if (rank > MOST_DIMENSIONS) message.fail(`has ${rank} dimensions`, `at most ${MOST_DIMENSIONS}`);
  if (version === 1) message.skip(5);
  else if (message.uint(1) === NULL) return { shape: [0], maximum: [0] };
  const shape = Array.from({ length: rank }, () => message.length());
  const maximum = (flags & 1) === 0 ? shape : shape.map(() => message.limit());
  return { shape, maximum };
}
