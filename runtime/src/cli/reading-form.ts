import { SpikewireError } from '@spikewire/models';
import { MISSING_RULES, type MissingRule, type ReadingForm } from '../reading/form.ts';
import { parseChannelPaths } from '../reading/path.ts';
import { profileNamed, profiles } from '../reading/profiles/profiles.ts';
import type { CommandArguments, OptionDeclaration } from './command.ts';

/** Options that say where in a message the numbers stand. */
export const readingOptions = {
  profile: {
    type: 'string',
    value: '<name>',
    words: profiles.map(({ name }) => name),
    doc: `format of the messages: ${profiles.map(({ name }) => name).join(', ')}`,
    default: 'plain',
  },
  channels: {
    type: 'string',
    value: '<name=path,…>',
    doc:
      'path of each channel in a message, such as temperature=AM2301.Temperature; ' +
      't=<path> is the path of the time stamp (s or ms since 1970, or ISO 8601)',
  },
  missing: {
    type: 'string',
    value: MISSING_RULES.join('|'),
    doc: 'if a channel is missing: refuse (report an error), skip the reading, or hold its last value',
    default: 'refuse',
  },
} as const satisfies Record<string, OptionDeclaration>;

/** The form of messages that the options name. Throws `usage`. */
export function readForm(args: CommandArguments): ReadingForm {
  const channels = args.text('channels');
  const missing = args.text('missing') as MissingRule;
  if (!MISSING_RULES.includes(missing)) {
    throw new SpikewireError('usage', '--missing', `is "${missing}"`, MISSING_RULES.join(', '));
  }
  return {
    profile: profileNamed(args.text('profile')!),
    ...(channels === undefined ? {} : { paths: parseChannelPaths(channels) }),
    missing,
  };
}
