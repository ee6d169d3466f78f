import { readFile } from 'node:fs/promises';
import { SpikewireError } from '@spikewire/models';
import { failingAs } from '../../device-files/problem.ts';

/** Reads the text of a file; another one in tests. */
export type ReadAttribute = (file: string) => Promise<string>;

export const readAttribute: ReadAttribute = (file) => readFile(file, 'utf8');

/**
 * The whole number in an attribute, in its own unit (all values of hwmon and thermal are fixed point, one per file).
 *
 * @throws `input` that names the file: it cannot be read now, or does not hold a whole number
 */
export async function readInteger(file: string, read: ReadAttribute = readAttribute): Promise<number> {
  return numberIn(file, read, /^[+-]?\d+$/, 'a whole number');
}

/** The decimal number in an attribute of IIO; throws as `readInteger` does. */
export async function readDecimal(file: string, read: ReadAttribute = readAttribute): Promise<number> {
  return numberIn(file, read, /^[+-]?\d+(\.\d+)?$/, 'a number');
}

async function numberIn(file: string, read: ReadAttribute, form: RegExp, expected: string): Promise<number> {
  const text = (await read(file).catch(failingAs(file))).trim();
  if (form.test(text)) return Number(text);
  throw new SpikewireError('input', file, `holds ${JSON.stringify(text.slice(0, 40))}`, expected);
}
