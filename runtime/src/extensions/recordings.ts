import { extname } from 'node:path';
import type { RecordedInput, RecordingFormat } from '@spikewire/models';
import { sourceOf } from '../package-source.ts';
import { besides } from './besides.ts';
import type { ForeignCode } from './foreign-code.ts';
import { type ExtensionKind, endings, giving, list, method, optional, table, text, word } from './kind.ts';
import type { ExtensionPlaces } from './packages.ts';

const recordingKind: ExtensionKind<RecordingFormat> = {
  field: 'recordings',
  exported: 'recordings',
  title: 'format of recordings',
  shape: {
    name: word,
    summary: text,
    extensions: endings,
    read: optional(giving(checkInput)),
    write: optional(method),
  },
  names: ({ name, extensions }) => [name, ...extensions],
  taken: [],
};

/** What `read` of somebody else's format gave; its events are checked with the net. */
function checkInput(given: unknown, code: ForeignCode): RecordedInput {
  if (!table.holds(given)) throw code.refuse('what read gave', given, 'an object with steps, input, others and notes');
  for (const key of ['others', 'notes'] as const) {
    const texts = (given as Partial<RecordedInput>)[key];
    const areTexts = list.holds(texts) && (texts as unknown[]).every((each) => typeof each === 'string');
    if (!areTexts) throw code.refuse(`${key} of what read gave`, texts, 'an array of texts');
  }
  return given as RecordedInput;
}

/** The format of a file of recordings by its ending, where a package brings one; else what to say of other endings. */
export async function recordingFormatOf(
  path: string,
  direction: 'read' | 'write',
  places?: ExtensionPlaces,
): Promise<{ readonly format?: RecordingFormat; readonly more: string }> {
  const ending = extname(path).toLowerCase();
  const isWanted = (format: RecordingFormat) => format.extensions.includes(ending) && format[direction] !== undefined;
  // Loaded here, because a device that is given its own files does without it.
  const { broughtEntries } = await import('./brought.ts');
  const { entries, problems } = await broughtEntries(recordingKind, { places, isWanted });
  const format = entries.find(isWanted);
  const known = entries.flatMap(({ extensions }) => extensions).join(', ');
  const more = besides(known === '' ? `more with ${sourceOf('@spikewire/exchange')}` : known, problems);
  return format === undefined ? { more } : { format, more };
}
