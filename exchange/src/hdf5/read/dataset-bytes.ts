import { SpikewireError } from '@spikewire/models';
import type { Cursor } from '../bytes/cursor.ts';
import type { FileBytes } from '../bytes/file-bytes.ts';
import { assembleChunks } from '../storage/assemble.ts';
import { readFilters } from '../storage/filters.ts';
import { readLayout } from '../storage/layout.ts';
import type { Dataspace } from './dataspace.ts';
import { MESSAGE, type ObjectHeader } from './object-header.ts';

/** The bytes of all elements of a dataset, `count` of them, whatever its layout. */
export function datasetBytes(
  file: FileBytes,
  header: ObjectHeader,
  { maximum, shape }: Dataspace,
  elementBytes: number,
  count: number,
): Uint8Array {
  const { where } = header;
  if (header.has(MESSAGE.externalFiles)) {
    throw new SpikewireError('unsupported', where, 'has its elements in other files', 'elements of its own');
  }
  const layout = readLayout(header.get(MESSAGE.layout, 'layout'));
  if (layout.class === 'compact') return layout.bytes.subarray(0, count);
  const filled = () => fillValues(header, elementBytes, count);
  if (layout.class === 'contiguous') {
    return layout.address === undefined ? filled() : file.part(layout.address, count, where).bytes;
  }
  const filters = header.find(MESSAGE.filters);
  return assembleChunks(file, filled(), {
    ...layout,
    where,
    shape,
    maximum,
    elementBytes,
    filters: filters === undefined ? [] : readFilters(filters),
  });
}

/** Elements as they are where nothing was written. */
function fillValues(header: ObjectHeader, elementBytes: number, count: number): Uint8Array {
  const bytes = new Uint8Array(count);
  const value = fillValue(header);
  if (value === undefined || value.every((byte) => byte === 0)) return bytes;
  if (value.length !== elementBytes) {
    throw new SpikewireError('file', header.where, `has a fill value of ${value.length} bytes`, `${elementBytes}`);
  }
  for (let at = 0; at < count; at += elementBytes) bytes.set(value, at);
  return bytes;
}

/** The messages of fill values (HDF5 File Format Specification, IV.A.2.e and IV.A.2.f). */
function fillValue(header: ObjectHeader): Uint8Array | undefined {
  const message = header.find(MESSAGE.fillValue);
  if (message !== undefined) return newFillValue(message);
  const old = header.find(MESSAGE.oldFillValue);
  return old?.take(old.uint(4));
}

function newFillValue(message: Cursor): Uint8Array | undefined {
  const version = message.version('a fill value', 1, 2, 3);
  const HAS_VALUE = 0x20;
  if (version === 3) return (message.uint(1) & HAS_VALUE) === 0 ? undefined : message.take(message.uint(4));
  message.skip(2);
  const isDefined = message.uint(1) !== 0;
  return isDefined ? message.take(message.uint(4)) : undefined;
}
