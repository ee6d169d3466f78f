import { SpikewireError } from '@spikewire/models';
import type { CommandArguments, OptionDeclaration } from 'spikewire/cli';
import { HIGHEST_RATE, LOWEST_RATE } from './formats/limits.ts';
import { BY_FOLDER, type RecordingSource } from './load.ts';
import { type Division, SPLITS } from './split.ts';
import type { Cut } from './windows.ts';

/** Whether a person gave an option, which has no default. */
export function isGiven(args: CommandArguments, option: string, { type, multiple }: OptionDeclaration): boolean {
  if (type === 'boolean') return args.flag(option);
  return multiple === true ? args.texts(option).length > 0 : args.text(option) !== undefined;
}

/** Everything that says which samples a training learns and tests; stands in the configuration of the run. */
export type RecordingChoice = RecordingSource & Cut & Division;

/** What stands in front of the folder in `--data`. */
const ADDRESS = 'recordings:';
const LENGTH = 1024;
/** Of a window, which comes in one message. */
const LONGEST = 65_536;

/** What people choose of recordings. */
export const recordingOptions = {
  rate: {
    type: 'string',
    value: '<Hz>',
    doc: 'resample all recordings to this rate; files that do not state their rate, such as npy, are assumed to have it',
  },
  length: { type: 'string', value: '<n>', doc: `length of a window in samples of the signal (default ${LENGTH})` },
  hop: { type: 'string', value: '<n>', doc: 'samples from one window to the next (default: --length)' },
  pad: { type: 'boolean', doc: 'pad recordings that are shorter than a window with zeros' },
  channels: { type: 'string', value: '<names>', doc: 'columns to use; ch1,ch2,… for WAV and npy (default: all)' },
  'label-column': {
    type: 'string',
    value: '<name>',
    doc: 'column of a table with the class (default: one folder per class)',
  },
  group: {
    type: 'string',
    value: '<name>',
    doc: `column with the person or machine; or the word ${BY_FOLDER}: each sub-folder is a group, CLASS/GROUP/FILE`,
  },
  split: {
    type: 'string',
    value: SPLITS.join('|'),
    doc:
      'unit that is never divided between training data and test data (default: group if given, else ' + 'recording)',
  },
  test: {
    type: 'string',
    value: '<groups>',
    doc: 'groups for the test (default: the last groups, with a fifth of the windows)',
  },
} as const satisfies Readonly<Record<string, OptionDeclaration>>;

/** What was chosen, where `data` names recordings; otherwise undefined. Throws `usage` for choices without them. */
export function recordingChoiceOf(args: CommandArguments, data: string): RecordingChoice | undefined {
  if (!data.startsWith(ADDRESS)) {
    const given = Object.entries(recordingOptions).find((entry) => isGiven(args, ...entry));
    if (given === undefined) return undefined;
    throw new SpikewireError(
      'usage',
      `spikewire train --${given[0]}`,
      `has no effect with --data ${data}`,
      `${ADDRESS}FOLDER`,
    );
  }
  const path = data.slice(ADDRESS.length);
  if (path === '') throw new SpikewireError('usage', `--data ${data}`, 'names no folder', `${ADDRESS}FOLDER`);
  const length = args.number('length', { minimum: 2, maximum: LONGEST, whole: true }) ?? LENGTH;
  const rate = args.number('rate', { minimum: LOWEST_RATE, maximum: HIGHEST_RATE });
  const [labelColumn, group, channels] = [args.text('label-column'), args.text('group'), listOf(args.text('channels'))];
  return {
    path,
    ...(rate !== undefined && { rate }),
    ...(labelColumn !== undefined && { labelColumn }),
    ...(group !== undefined && { group }),
    ...(channels && { channels }),
    length,
    hop: args.number('hop', { minimum: 1, maximum: 2 ** 31, whole: true }) ?? length,
    pad: args.flag('pad'),
    ...divisionOf(args, group),
  };
}

function divisionOf(args: CommandArguments, group: string | undefined): Division {
  const word = args.text('split') ?? (group === undefined ? 'recording' : 'group');
  const split = SPLITS.find((known) => known === word);
  const test = listOf(args.text('test'));
  if (split === undefined) throw new SpikewireError('usage', '--split', `is "${word}"`, SPLITS.join(', '));
  if (split === 'group' && group === undefined)
    throw new SpikewireError('usage', '--split group', 'has no groups', '--group, with a column or folder');
  if (split !== 'group' && test !== undefined)
    throw new SpikewireError('usage', '--test', `has no effect with --split ${split}`, '--group');
  return { split, ...(test && { test }) };
}

function listOf(text: string | undefined): string[] | undefined {
  return text?.split(',').map((name) => name.trim());
}
