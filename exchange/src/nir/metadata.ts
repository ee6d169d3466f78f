import { type JsonObject, type JsonValue, SpikewireError } from '@spikewire/models';
import type { Hdf5Dataset, Hdf5Group, Hdf5Node } from '../hdf5/index.ts';
import type { ReadingMemory } from '../reading-memory.ts';

/** What an entry takes beside its number or text. */
const OF_ENTRY = 64;

/** The group `metadata` of a node as plain data; undefined where there is none. */
export function metadataOf({ children }: Hdf5Group, where: string, memory: ReadingMemory): JsonObject | undefined {
  const group = children.get('metadata');
  if (group === undefined) return undefined;
  if (group.kind === 'group') return fromGroup(group, `${where}.metadata`, memory);
  throw new SpikewireError('file', `${where}.metadata`, 'is not a group', 'a group');
}

function fromGroup({ children }: Hdf5Group, where: string, memory: ReadingMemory): JsonObject {
  const entries = [...children].flatMap(([name, child]): [string, JsonValue][] => {
    if (child.kind === 'other') return [];
    const place = `${where}.${name}`;
    return [[name, child.kind === 'group' ? fromGroup(child, place, memory) : fromDataset(child, place, memory)]];
  });
  return Object.fromEntries(entries);
}

function fromDataset({ type, shape, values }: Hdf5Dataset, where: string, memory: ReadingMemory): JsonValue {
  memory.take(where, OF_ENTRY * (values.length + 1) * Math.max(1, shape.length));
  const flat: JsonValue[] = Array.from(values as ArrayLike<number | string>, (value) => {
    if (type.class === 'boolean') return value === 1;
    // JSON has no other way to say them.
    return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
  });
  const rows = shape.slice(1).toReversed();
  return shape.length === 0 ? flat[0]! : rows.reduce<JsonValue[]>((list, size) => inRows(list, size), flat);
}

function inRows(list: readonly JsonValue[], size: number): JsonValue[] {
  const rows = size === 0 ? 0 : list.length / size;
  return Array.from({ length: rows }, (_, row) => list.slice(row * size, (row + 1) * size));
}

/** Metadata as a group; what is null or has no one type is written as JSON text. */
export function metadataGroup(metadata: JsonObject): Hdf5Group {
  const children = Object.entries(metadata).map(([name, value]): [string, Hdf5Node] => [name, nodeOf(value)]);
  return { kind: 'group', attributes: new Map(), children: new Map(children) };
}

function nodeOf(value: JsonValue): Hdf5Node {
  if (isObject(value)) return metadataGroup(value);
  const shape = shapeOf(value);
  const flat: unknown[] = Array.isArray(value) ? value.flat(Number.POSITIVE_INFINITY) : [value];
  const isWhole = shape.reduce((product, size) => product * size, 1) === flat.length;
  if (isWhole && flat.every((each) => typeof each === 'string')) return text(flat, shape);
  if (isWhole && flat.every((each) => typeof each === 'boolean')) {
    return dataset({ shape, type: { class: 'boolean' }, values: Uint8Array.from(flat, Number) });
  }
  if (isWhole && flat.every((each) => typeof each === 'number')) {
    const isInteger = flat.every((each) => Number.isSafeInteger(each));
    const values = Float64Array.from(flat);
    return dataset({
      shape,
      values,
      type: { class: isInteger ? 'integer' : 'float', bytes: 8, signed: true, order: 'little' },
    });
  }
  return text([JSON.stringify(value)], []);
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shapeOf(value: JsonValue): number[] {
  return Array.isArray(value) ? [value.length, ...(value.length > 0 ? shapeOf(value[0]) : [])] : [];
}

/** A dataset without attributes. */
export function dataset(array: Pick<Hdf5Dataset, 'shape' | 'type' | 'values'>): Hdf5Dataset {
  return { kind: 'dataset', attributes: new Map(), ...array };
}

/** Texts of variable length in UTF-8, as every writer of NIR has them. */
export function text(values: readonly string[], shape: readonly number[] = []): Hdf5Dataset {
  return dataset({
    shape,
    values,
    type: { class: 'string', characters: 'utf-8', length: 'variable', padding: 'null-terminated' },
  });
}
