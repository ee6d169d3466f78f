import { readFile } from 'node:fs/promises';
import { SpikewireError } from '@spikewire/models';

/** Reads the text of a file; another one in tests. */
export type ReadAttribute = (file: string) => Promise<string>;

export const readAttribute: ReadAttribute = (file) => readFile(file, 'utf8');

/** What the kernel means by the errors that drivers give. */
const meanings: Readonly<Record<string, string>> = {
  EACCES: 'may not be read by this user',
  EAGAIN: 'has no value yet',
  EBUSY: 'is busy',
  EIO: 'does not answer',
  ENODATA: 'is switched off',
  ENODEV: 'is gone',
  ENOENT: 'is gone',
  ENXIO: 'is gone',
  EREMOTEIO: 'does not answer',
  ETIMEDOUT: 'does not answer',
};

/**
 * The whole number in an attribute, in its own unit (all sysfs values are fixed point, one per file).
 *
 * @throws `input` that names the file: it cannot be read now, or does not hold a whole number
 */
export async function readInteger(file: string, read: ReadAttribute = readAttribute): Promise<number> {
  const text = (await read(file).catch((cause) => Promise.reject(unreadable(file, cause)))).trim();
  if (/^[+-]?\d+$/.test(text)) return Number(text);
  throw new SpikewireError('input', file, `holds ${JSON.stringify(text.slice(0, 40))}`, 'a whole number');
}

function unreadable(file: string, cause: unknown): SpikewireError {
  const code = String((cause as { code?: unknown }).code ?? cause);
  const meaning = meanings[code] ?? 'cannot be read';
  return new SpikewireError('input', file, `${meaning} (${code})`, undefined, cause);
}
