import { defaultBudget, SpikewireError } from '@spikewire/models';
import { ReadingMemory } from '../../reading-memory.ts';
import { GlobalHeap } from '../structures/global-heap.ts';
import type { Hdf5Dataset, Hdf5Group, Hdf5Node } from '../tree.ts';
import { attributesOf } from './attributes.ts';
import { datasetBytes } from './dataset-bytes.ts';
import { readDataspace } from './dataspace.ts';
import { readDatatype } from './datatype.ts';
import type { Link } from './link.ts';
import { isGroup, linksOf } from './links.ts';
import { MESSAGE, ObjectHeader } from './object-header.ts';
import { StoredDataset } from './stored-array.ts';
import { readSuperblock } from './superblock.ts';

/** Memory at most of a node. */
const OF_NODE = 1024;
const MOST_DEPTH = 256;

/**
 * Reads a file's groups, datasets and attributes; their elements when they are asked for. Links that are not hard are
 * named, not followed. Throws `file` for bytes that are no HDF5 file or a damaged one, `unsupported` for parts of the
 * format that are not read here, and `budget` where it takes more than `memory` has; each names the object of the file.
 */
export function readHdf5(
  bytes: Uint8Array,
  memory = new ReadingMemory(defaultBudget.bytes, 'a smaller file'),
): Hdf5Group {
  const { file, root } = readSuperblock(bytes, memory);
  const header = new ObjectHeader(file, root, 'object "/"');
  if (!isGroup(header)) throw new SpikewireError('file', 'object "/"', 'is not a group', 'an undamaged HDF5 file');
  return new TreeReader(new GlobalHeap(file)).group(header, [root], '');
}

class TreeReader {
  readonly #heap: GlobalHeap;

  constructor(heap: GlobalHeap) {
    this.#heap = heap;
  }

  /** @param above the group itself and those that it is in, by their addresses */
  group(header: ObjectHeader, above: readonly number[], path: string): Hdf5Group {
    const { where } = header;
    if (above.length > MOST_DEPTH) {
      throw new SpikewireError('budget', where, `is within ${MOST_DEPTH} others`, 'fewer groups within groups');
    }
    const children: { name: string; bytes: Buffer; node: Hdf5Node }[] = [];
    const names = new Set<string>();
    for (const link of linksOf(this.#heap.file, header)) {
      const { name, what } = link;
      this.#heap.file.memory.take(where, OF_NODE + 8 * (name.length + what.length));
      if (names.has(name)) {
        throw new SpikewireError('file', where, `has the name "${name}" twice`, 'an undamaged HDF5 file');
      }
      names.add(name);
      children.push({ name, bytes: Buffer.from(name), node: this.#node(link, above, `${path}/${name}`) });
    }
    children.sort((a, b) => Buffer.compare(a.bytes, b.bytes));
    return {
      kind: 'group',
      attributes: attributesOf(this.#heap, header),
      children: new Map(children.map(({ name, node }) => [name, node])),
    };
  }

  #node({ address, what }: Link, above: readonly number[], path: string): Hdf5Node {
    if (address === undefined) return { kind: 'other', what };
    const where = `object "${path}"`;
    if (above.includes(address)) {
      throw new SpikewireError('unsupported', where, 'is a group that contains itself', 'groups without a cycle');
    }
    const header = new ObjectHeader(this.#heap.file, address, where);
    if (header.has(MESSAGE.layout)) return this.#dataset(header);
    if (isGroup(header)) return this.group(header, [...above, address], path);
    if (header.has(MESSAGE.datatype)) return { kind: 'other', what: 'a named datatype' };
    throw new SpikewireError('file', where, 'is neither group nor dataset', 'an undamaged HDF5 file');
  }

  #dataset(header: ObjectHeader): Hdf5Dataset {
    const { file } = this.#heap;
    const dataspace = readDataspace(header.get(MESSAGE.dataspace, 'dataspace'));
    const datatype = readDatatype(header.get(MESSAGE.datatype, 'datatype'));
    return new StoredDataset(
      this.#heap,
      {
        where: header.where,
        dataspace,
        datatype,
        bytes: (count) => datasetBytes(file, header, dataspace, datatype.size, count),
      },
      attributesOf(this.#heap, header),
    );
  }
}
