import { ByteWriter } from './byte-writer.ts';

/** Half of the entries of a symbol table and of a node of a B-tree: the library's own, which the superblock repeats. */
export const [LEAF_K, INTERNAL_K] = [4, 16];

const SUPERBLOCK_ENTRY = 40;

/** A name in a group, and the object header that it means. */
export interface NamedObject {
  readonly name: Uint8Array;
  readonly object: number;
}

/**
 * Names of a group: a local heap, symbol tables of 8 names and the B-tree above them (HDF5 File Format Specification,
 * III.A.1 to III.D). Returns where B-tree and heap are.
 */
export function placeSymbols(symbols: readonly NamedObject[], file: ByteWriter): { tree: number; heap: number } {
  const sorted = symbols.toSorted((a, b) => Buffer.compare(a.name, b.name));
  const { names, offsets } = namesOf(sorted);
  const NO_FREE_BLOCK = 1;
  const head = new ByteWriter().signature('HEAP').zeros(4).long(names.length).long(NO_FREE_BLOCK);
  const heap = file.place(head.long(file.place(names)).finish());
  // Entries of the level that is being made, each with the offset of its last name.
  let entries = portions(sorted, 2 * LEAF_K).map((portion, k) => {
    const first = k * 2 * LEAF_K;
    return { address: file.place(tableOf(portion, offsets.slice(first))), last: offsets[first + portion.length - 1]! };
  });
  for (let level = 0; ; level++) {
    entries = placeLevel(entries, level, file);
    if (entries.length === 1) return { tree: entries[0]!.address, heap };
  }
}

/** The nodes of a level, one behind the other, at least one. Returns them as entries of the level above. */
function placeLevel(entries: readonly TreeEntry[], level: number, file: ByteWriter): TreeEntry[] {
  const parts = entries.length === 0 ? [[]] : portions(entries, 2 * INTERNAL_K);
  const first = file.length;
  const addressOf = (k: number) => (parts[k] === undefined ? undefined : first + k * NODE_BYTES);
  return parts.map((part, k) => {
    // A key is the last name of what is before it.
    const before = parts[k - 1]?.at(-1)?.last ?? 0;
    const siblings = { left: addressOf(k - 1), right: addressOf(k + 1) };
    return { address: file.place(treeNode(part, { level, before, ...siblings })), last: part.at(-1)?.last ?? 0 };
  });
}

function portions<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, k) => all.slice(k * size, (k + 1) * size));
}

/** The empty name first, which the B-tree's first key is. */
function namesOf(symbols: readonly NamedObject[]): { names: Uint8Array; offsets: number[] } {
  const names = new ByteWriter().zeros(8);
  const offsets = symbols.map(({ name }) => {
    const offset = names.length;
    names.put(name).zeros(1).align();
    return offset;
  });
  return { names: names.finish(), offsets };
}

function tableOf(symbols: readonly NamedObject[], offsets: readonly number[]): Uint8Array {
  const table = new ByteWriter().signature('SNOD').uint(1, 1).zeros(1).uint(2, symbols.length);
  const NOTHING_CACHED = 24;
  symbols.forEach(({ object }, k) => {
    table.long(offsets[k]).long(object).zeros(NOTHING_CACHED);
  });
  return table.zeros(SUPERBLOCK_ENTRY * (2 * LEAF_K - symbols.length)).finish();
}

interface TreeEntry {
  readonly address: number;
  readonly last: number;
}

interface Node {
  readonly level: number;
  /** The first key. */
  readonly before: number;
  /** Addresses of the neighbours of the same level: readers up to HDF5 1.6 go along them. */
  readonly left: number | undefined;
  readonly right: number | undefined;
}

const NODE_BYTES = 32 + 2 * INTERNAL_K * 16;

function treeNode(entries: readonly TreeEntry[], { level, before, left, right }: Node): Uint8Array {
  const GROUP = 0;
  const node = new ByteWriter().signature('TREE').uint(1, GROUP).uint(1, level).uint(2, entries.length);
  node.long(left).long(right).long(before);
  for (const { address, last } of entries) node.long(address).long(last);
  return node.zeros(NODE_BYTES - node.length).finish();
}
