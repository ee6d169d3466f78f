import { type Model, SpikewireError } from '@spikewire/models';
import { type Path, parsePath } from './path.ts';
import { plain } from './profiles/plain.ts';
import type { Profile } from './profiles/profile.ts';

/** What becomes of a reading of which a channel is missing. */
export const MISSING_RULES = ['refuse', 'skip', 'hold'] as const;
export type MissingRule = (typeof MISSING_RULES)[number];

/** How messages say readings. */
export interface ReadingForm {
  /** Default `plain`. */
  readonly profile?: Profile;
  /** Where the numbers of channels stand, by their names, and the time as `t`; of others the profile says it. */
  readonly paths?: ReadonlyMap<string, Path>;
  /**
   * `refuse` (default): the message is an error. `skip`: it is left out and counted. `hold`: the channel's last number
   * stands for it; left out as long as there is none, and where the message has a number of no channel.
   */
  readonly missing?: MissingRule;
  /** Where a person chooses another rule, for errors; empty: nowhere. Default `--missing skip or hold`. */
  readonly otherRule?: string;
  /**
   * Several topics make a reading, and a path begins with the topic below the input: those of the first channel make
   * the readings, of the others the last value counts for so many milliseconds, and is missing then.
   */
  readonly joinWithin?: number;
}

/** A channel and where its number may stand, first choice first. */
export interface ChannelPlace {
  readonly name: string;
  readonly paths: readonly Path[];
}

/** Where the channels of a model and the time stand in messages of a form. Throws `usage` where that does not fit. */
export function placesOf(
  { channels }: Pick<Model, 'channels'>,
  form: ReadingForm,
): { readonly channels: readonly ChannelPlace[]; readonly time: readonly Path[] } {
  const { profile = plain, paths = new Map<string, Path>(), joinWithin } = form;
  const names = channels.map(({ name }) => name);
  const stranger = [...paths.keys()].find((name) => !names.includes(name) && name !== 't');
  if (stranger !== undefined) {
    const expected = names.length === 0 ? 'a model that names its channels' : `${names.join(', ')}, or t for the time`;
    throw new SpikewireError('usage', 'channels', `name "${stranger}", which the model does not have`, expected);
  }
  const joins = joinWithin !== undefined;
  const usual = (name: string) => {
    if (joins) return (profile.topics?.(name) ?? []).map((topic): Path => [topic]);
    return [...profile.channel(name).map(parsePath), [name]];
  };
  const time = names.includes('t') ? undefined : paths.get('t');
  const timePaths = profile.time.filter((path) => !names.includes(path)).map(parsePath);
  return {
    channels: names.map((name) => ({ name, paths: paths.has(name) ? [paths.get(name)!] : found(name, usual(name)) })),
    time: time !== undefined ? [time] : joins ? timePaths.map((path): Path => [null, ...path]) : timePaths,
  };
}

function found(name: string, paths: readonly Path[]): readonly Path[] {
  if (paths.length > 0) return paths;
  throw new SpikewireError(
    'usage',
    'channels',
    `have no topic for "${name}", which --join needs`,
    `${name}=<topic below the input>, such as --channels ${name}=kitchen/${name}, ` +
      `or ${name}=<topic>.<path in its message>`,
  );
}

/** The topics below the input that are joined, those that make a reading first. Throws `usage`. */
export function joinedTopics(model: Pick<Model, 'channels'>, form: ReadingForm): readonly string[] {
  const { channels } = placesOf(model, form);
  if (channels.length === 0) throw new SpikewireError('usage', 'join', 'is for channels', 'a model that names them');
  const firsts = channels.flatMap(({ name, paths }) =>
    paths.map(([topic]) => {
      if (topic && !/[+#\p{Cc}]|^(label|command)$/u.test(topic)) return topic;
      throw new SpikewireError('usage', 'channels', `have no topic for "${name}"`, 'one in front of the path');
    }),
  );
  return [...new Set(firsts)];
}
