import { SpikewireError } from '@spikewire/models';
import { besides } from '../extensions/besides.ts';
import { broughtEntries } from '../extensions/brought.ts';
import { type ExtensionKind, method, word } from '../extensions/kind.ts';
import type { ExtensionPlaces } from '../extensions/packages.ts';
import { sourceOf } from '../package-source.ts';
import type { TrialQueueSource } from './trial-queue.ts';

const queueKind: ExtensionKind<TrialQueueSource> = {
  field: 'trials',
  exported: 'trialQueues',
  title: 'queue of trials',
  shape: { name: word, open: method },
  names: ({ name }) => [name],
  taken: [],
};

/** Rejects with `usage`, with `where` in front, where no installed package brings a queue of this name. */
export async function findTrialQueue(where: string, name: string, places?: ExtensionPlaces): Promise<TrialQueueSource> {
  const isWanted = (source: TrialQueueSource) => source.name === name;
  const { entries, problems } = await broughtEntries(queueKind, { places, isWanted });
  const found = entries.find(isWanted);
  if (found !== undefined) return found;
  const expected = besides(`@spikewire/fleet: ${sourceOf('@spikewire/fleet')}`, problems);
  throw new SpikewireError('usage', where, 'needs a package that is not installed', expected);
}
