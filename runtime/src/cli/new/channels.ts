import { type ChannelDeclaration, SpikewireError } from '@spikewire/models';
import type { CommandArguments, OptionDeclaration } from '../command.ts';

/** Channels of a reading that a page can show. */
const MOST_CHANNELS = 256;

/** What says of a stream what its readings hold. */
export const channelOptions: Readonly<Record<string, OptionDeclaration>> = {
  channels: {
    type: 'string',
    value: '<names>',
    doc:
      'names of the channels (values) of a reading: the keys in your messages, such as temperature,humidity ' +
      '(required, or --channel)',
  },
  channel: { type: 'string', value: '<name>', doc: 'the name, if a reading has a single channel' },
  unit: {
    type: 'string',
    value: '<units>',
    doc: 'unit of all channels, or one for each, such as °C,% (a unit may be empty)',
  },
};

/** Throws `usage` for names that are missing or not different, and units that do not go with them. */
export function channelsOf(args: CommandArguments, kind: string): ChannelDeclaration[] {
  const [several, one] = [args.text('channels'), args.text('channel')];
  if (several !== undefined && one !== undefined) {
    const where = `spikewire new ${kind} --channel`;
    throw new SpikewireError('usage', where, 'cannot be combined with --channels', 'one of them');
  }
  const text = several ?? one;
  const names = partsOf(text);
  if (names.length === 0 || names.length > MOST_CHANNELS || names.includes('') || new Set(names).size < names.length) {
    const problem = text === undefined ? 'is missing' : `is "${text}"`;
    const expected = `1…${MOST_CHANNELS} different names, such as temperature,humidity`;
    throw new SpikewireError('usage', `spikewire new ${kind} --channels`, problem, expected);
  }
  const units = partsOf(args.text('unit'));
  if (units.length > 1 && units.length !== names.length) {
    const problem = `has ${units.length} units for ${names.length} channels`;
    throw new SpikewireError('usage', `spikewire new ${kind} --unit`, problem, 'one for all, or one for each');
  }
  return names.map((name, k) => ({ name, unit: units[units.length > 1 ? k : 0] ?? '' }));
}

/** Words between commas, as they stand there: one may be empty. */
export function partsOf(text: string | undefined): string[] {
  return text === undefined ? [] : text.split(',').map((part) => part.trim());
}
