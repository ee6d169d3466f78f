import type { Budget } from '../check/budget.ts';
import { SpikewireError } from '../error.ts';
import type { Model } from '../model/model.ts';
import { type CheckedReading, type Format, type ImmediateFormat, readWith } from './format.ts';
import { json } from './json.ts';
import { looksLike } from './signature.ts';
import { digestOfFile, spike } from './spike.ts';

/**
 * Every format that a device reads. A new one is a file of its own and a line here; foreign ones have a package of
 * their own.
 */
export const formats: readonly ImmediateFormat[] = [spike, json];

/** The first of some formats that bytes claim to be of. */
export function formatOf(bytes: Uint8Array, among: readonly ImmediateFormat[] = formats): ImmediateFormat | undefined {
  return among.find((format) => format.sniff(bytes));
}

/** The error for bytes of no format that is known; `more` says where others come from. */
export function unknownFormat(bytes: Uint8Array, known: readonly Format[], more?: string): SpikewireError {
  const names = known.filter(({ read }) => read !== undefined).map(({ name }) => name);
  const expected = `a file in one of the formats ${names.join(', ')}${more === undefined ? '' : `; ${more}`}`;
  return new SpikewireError('file', 'model', `is not a model file; it looks like ${looksLike(bytes)}`, expected);
}

/** Reads a model in any of the formats above, told apart by content, and its graph. Errors as `readModel`. */
export function readWithGraph(
  bytes: Uint8Array,
  budget: Partial<Budget> = {},
): Pick<CheckedReading, 'model' | 'graph'> {
  const format = formatOf(bytes);
  if (format === undefined) throw unknownFormat(bytes, formats);
  return readWith(format, bytes, budget);
}

/** Its model alone. */
export function readAnyModel(bytes: Uint8Array, budget: Partial<Budget> = {}): Model {
  return readWithGraph(bytes, budget).model;
}

/**
 * The digest that names a model, in hex: manifests sign it, stores and logs refer to it. Of a file, verified; of a
 * model or its text, that of the file it would be.
 */
export function modelDigest(source: Uint8Array | Model): string {
  if (!(source instanceof Uint8Array)) return digestOfFile(spike.write(source));
  return formatOf(source) === json ? modelDigest(readAnyModel(source)) : digestOfFile(source);
}
