import type { Cursor } from '../bytes/cursor.ts';
import { type FileBytes, Visited } from '../bytes/file-bytes.ts';

export const GROUP_NODES = 0;
export const CHUNK_NODES = 1;

export interface Leaf {
  /** What stands before the child, and is at most what the child has. */
  readonly key: Cursor;
  readonly child: number;
}

/** A B-tree of version 1, and what its keys take (HDF5 File Format Specification, III.A.1). */
export interface BTree {
  readonly address: number;
  readonly type: typeof GROUP_NODES | typeof CHUNK_NODES;
  readonly keyBytes: number;
}

/** The entries of its leaves, in their order. */
export function* leavesOf(file: FileBytes, tree: BTree, where: string): Generator<Leaf> {
  const visited = new Visited();
  yield* leavesBelow(tree.address, undefined);

  function* leavesBelow(address: number, expectedLevel: number | undefined): Generator<Leaf> {
    visited.add(address, where);
    const [SIGNATURE, TYPE_LEVEL_AND_COUNT] = [4, 4];
    const headBytes = SIGNATURE + TYPE_LEVEL_AND_COUNT + 2 * file.widths.address;
    const head = file.part(address, headBytes, where);
    head.signature('TREE');
    if (head.uint(1) !== tree.type) head.fail('has a B-tree of another kind');
    const level = head.uint(1);
    if (level !== (expectedLevel ?? level)) head.fail('has a B-tree whose levels are wrong');
    const count = head.uint(2);
    const entries = file.part(address + headBytes, count * (tree.keyBytes + file.widths.address), where);
    for (let k = 0; k < count; k++) {
      const key = entries.part(tree.keyBytes);
      const child = entries.defined('B-tree');
      if (level === 0) yield { key, child };
      else yield* leavesBelow(child, level - 1);
    }
  }
}
