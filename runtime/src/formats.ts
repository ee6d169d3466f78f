import { extname } from 'node:path';
import { type Format, formatOf, formats, SpikewireError, unknownFormat } from '@spikewire/models';
import { type ImportModule, importCompanion, sourceOf } from './companion.ts';

/** The package that brings the formats of others; a device that is given models needs none of them. */
const PACKAGE = '@spikewire/exchange';

/** What that package brings; undefined where it is not installed. */
async function foreignFormats(importModule?: ImportModule): Promise<readonly Format[] | undefined> {
  return (await importCompanion<{ formats: readonly Format[] }>(PACKAGE, 'formats', importModule))?.formats;
}

/** Every format on this machine, those that a device reads first. */
export async function allFormats(importModule?: ImportModule): Promise<readonly Format[]> {
  return [...formats, ...((await foreignFormats(importModule)) ?? [])];
}

/** The format that bytes claim to be of; other packages are asked only where no own one fits. */
export async function formatOfBytes(bytes: Uint8Array, importModule?: ImportModule): Promise<Format> {
  const own = formatOf(bytes);
  if (own !== undefined) return own;
  const foreign = await foreignFormats(importModule);
  const found = formatOf(bytes, foreign ?? []);
  if (found !== undefined) return found;
  throw unknownFormat(bytes, [...formats, ...(foreign ?? [])], foreign === undefined ? MORE : undefined);
}

const MORE = `more with ${sourceOf(PACKAGE)}`;

/** The format of a file to be written, by its ending; a `usage` error with `where` in front where there is none. */
export async function formatOfName(where: string, path: string, importModule?: ImportModule): Promise<Format> {
  const ending = extname(path).toLowerCase();
  const fits = (format: Format) => format.extensions.includes(ending);
  const own = formats.find(fits);
  if (own !== undefined) return own;
  const foreign = await foreignFormats(importModule);
  const found = foreign?.find(fits);
  if (found !== undefined) return found;
  const known = [...formats, ...(foreign ?? [])].flatMap(({ extensions }) => extensions).join(', ');
  const problem = ending === '' ? 'has no ending' : `has the ending "${ending}", which is no known format`;
  throw new SpikewireError('usage', where, problem, foreign === undefined ? `${known}; ${MORE}` : known);
}
