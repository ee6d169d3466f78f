import { parse, resolve } from 'node:path';
import { SpikewireError } from 'spikewire';
import type { FieldTable, FieldValues } from '../field.ts';

const MOST_SECONDS = 30 * 86_400;

/** Where newer models come from; without a repository there are none. */
export const updateFields = {
  repository: { form: 'text', icon: 'cloud-download', hint: 'repository' },
  root: { form: 'text', icon: 'key', hint: 'root' },
  published: { form: 'text', icon: 'sitemap', hint: 'published' },
  channel: { form: 'text', icon: 'code-fork', default: 'stable' },
  groups: { form: 'text', icon: 'users', hint: 'groups' },
  lookEvery: { form: 'number', icon: 'clock-o', minimum: 1, maximum: MOST_SECONDS, default: 3600, unit: 'lookEvery' },
} as const satisfies FieldTable;

/** How the nets of a node are kept up to date. */
export interface UpdateSettings {
  /** Address of the repository: a URL, or the path of a folder. */
  readonly repository: string;
  /** Path of the file that says whose signatures count; undefined where it is known from the first start. */
  readonly root: string | undefined;
  /** Folder of downloaded models, and of the state of updates. */
  readonly folder: string;
  readonly model: string;
  readonly channel: string;
  readonly groups: readonly string[];
  /** Seconds between two looks, in mean. */
  readonly lookEvery: number;
}

/**
 * What the fields mean; undefined without a repository. Relative paths are in `userDir`.
 *
 * @param directory of the stores of the node, beside which the folder of updates lies
 * @param file of the model; undefined where that is made
 */
export function updateSettings(
  { repository, root, published, channel, groups, lookEvery }: FieldValues<typeof updateFields>,
  directory: string,
  file: string | undefined,
  userDir: string,
): UpdateSettings | undefined {
  if (repository === '') return undefined;
  const model = published || (file && parse(file).name);
  if (model === undefined)
    throw new SpikewireError('usage', 'published', 'is not set', 'the name of the model in the repository');
  return {
    repository: /^[a-z][a-z0-9+.-]*:\/\//i.test(repository) ? repository : resolve(userDir, repository),
    root: root === '' ? undefined : resolve(userDir, root),
    folder: `${directory}-update`,
    ...{ model, channel, lookEvery },
    groups: groups
      .split(',')
      .map((group) => group.trim())
      .filter((group) => group !== ''),
  };
}
