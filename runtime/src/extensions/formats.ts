import { extname } from 'node:path';
import { type Format, formatOf, formats, type Reading, SpikewireError, unknownFormat } from '@spikewire/models';
import { sourceOf } from '../package-source.ts';
import { besides } from './besides.ts';
import type { BringOptions, BroughtEntries } from './brought.ts';
import type { ForeignCode } from './foreign-code.ts';
import { inTime } from './in-time.ts';
import { type ExtensionKind, endings, flag, giving, list, method, optional, table, text, word } from './kind.ts';
import type { ExtensionPlaces } from './packages.ts';

const namesOf = ({ name, extensions }: Format) => [name, ...extensions];

const formatKind: ExtensionKind<Format> = {
  field: 'formats',
  exported: 'formats',
  title: 'format',
  shape: {
    name: word,
    summary: text,
    extensions: endings,
    sniff: method,
    hasEnds: optional(flag),
    stepRules: optional(table),
    hasSteps: optional(flag),
    read: optional({ ...giving(checkReading), call: readInTime }),
    write: optional(method),
    nearest: optional(method),
    compare: optional(method),
  },
  names: namesOf,
  taken: formats.flatMap(namesOf),
};

/** How long `read` of somebody else's format may wait, in milliseconds. */
const READING_LIMIT = 60_000;

/** Calls `read` with a signal of its own, which is aborted when nobody waits for the model any more. */
function readInTime(read: (...words: unknown[]) => unknown, words: readonly unknown[], code: ForeignCode) {
  const [bytes, choices, memory, signal] = words;
  return inTime(
    READING_LIMIT,
    (ending) => read(bytes, choices, memory, ending),
    (reason) => new SpikewireError('unsupported', code.where, `read ${reason}`, 'a model or an error'),
    signal as AbortSignal | undefined,
  );
}

/**
 * What `read` of somebody else's format gave, once it is known to be a reading; what its model says is checked later.
 */
function checkReading(given: unknown, code: ForeignCode): Reading {
  if (!table.holds(given)) throw code.refuse('what read gave', given, 'an object with model and notes');
  const { model, notes } = given as Partial<Record<keyof Reading, unknown>>;
  if (!table.holds(model)) throw code.refuse('model of what read gave', model, 'a model, as parseModel gives it');
  const areTexts = list.holds(notes) && (notes as unknown[]).every((note) => typeof note === 'string');
  if (!areTexts) throw code.refuse('notes of what read gave', notes, 'an array of texts');
  return given as Reading;
}

/** The formats that packages bring, and what is wrong with packages; a device that is given models needs none. */
export async function foreignFormats(options?: BringOptions<Format>): Promise<BroughtEntries<Format>> {
  // Loaded here, because a device that is given models does without it.
  const { broughtEntries } = await import('./brought.ts');
  return broughtEntries(formatKind, options);
}

/** Every format on this machine, those that a device reads first. */
export async function allFormats(places?: ExtensionPlaces): Promise<readonly Format[]> {
  return [...formats, ...(await foreignFormats({ places })).entries];
}

/** The format that bytes claim to be of; other packages are asked only where no own one fits. */
export async function formatOfBytes(bytes: Uint8Array, places?: ExtensionPlaces): Promise<Format> {
  const own = formatOf(bytes);
  if (own !== undefined) return own;
  const failures: SpikewireError[] = [];
  const claimed: Format[] = [];
  const isWanted = (format: Format) => {
    if (claims(format, bytes, failures)) claimed.push(format);
    return claimed.length > 0;
  };
  const { entries, problems } = await foreignFormats({ places, isWanted });
  if (claimed[0] !== undefined) return claimed[0];
  throw unknownFormat(bytes, [...formats, ...entries], moreThan(entries, [...problems, ...failures]));
}

/** Whether bytes claim to be of a format; one that fails to say so keeps nobody from asking the others. */
function claims(format: Format, bytes: Uint8Array, failures: SpikewireError[]): boolean {
  try {
    // A promise, of a sniff that is asynchronous by mistake, is no claim.
    return format.sniff(bytes) === true;
  } catch (problem) {
    if (!(problem instanceof SpikewireError)) throw problem;
    failures.push(problem);
    return false;
  }
}

/** The format of a file to be written, by its ending; a `usage` error with `where` in front where there is none. */
export async function formatOfName(where: string, path: string, places?: ExtensionPlaces): Promise<Format> {
  const ending = extname(path).toLowerCase();
  const fits = (format: Format) => format.extensions.includes(ending);
  const own = formats.find(fits);
  if (own !== undefined) return own;
  const foreign = await foreignFormats({ places, isWanted: fits });
  const found = foreign.entries.find(fits);
  if (found !== undefined) return found;
  const written = [...formats, ...foreign.entries].filter(({ write }) => write !== undefined);
  const known = written.flatMap(({ extensions }) => extensions).join(', ');
  const problem = ending === '' ? 'has no extension' : `has the extension "${ending}", which is not a known format`;
  const more = moreThan(foreign.entries, foreign.problems);
  throw new SpikewireError('usage', where, problem, more === undefined ? known : `${known}; ${more}`);
}

/** Where other formats come from, or why some that are installed cannot be used. */
function moreThan(entries: readonly Format[], problems: readonly SpikewireError[]): string | undefined {
  const more = `more with ${sourceOf('@spikewire/exchange')}`;
  if (problems.length > 0) return besides(more, problems);
  return entries.length === 0 ? more : undefined;
}
