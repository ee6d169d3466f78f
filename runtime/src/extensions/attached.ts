import { SpikewireError } from '@spikewire/models';
import type { BroughtEntries } from './brought.ts';

/** What drivers find on this machine. */
export interface Attached<Description> {
  readonly found: readonly Description[];
  /** One for each driver that failed, and for each package that is broken. */
  readonly problems: readonly SpikewireError[];
}

/** Asks all drivers; one that fails keeps nobody from what the others find. */
export async function attachedTo<Description>({
  entries,
  problems,
}: Pick<BroughtEntries<{ list(): Promise<readonly Description[]> }>, 'entries' | 'problems'>): Promise<
  Attached<Description>
> {
  const failures: SpikewireError[] = [];
  const lists = entries.map((driver) =>
    Promise.resolve()
      .then(() => driver.list())
      .catch((problem: unknown) => {
        if (!(problem instanceof SpikewireError)) throw problem;
        failures.push(problem);
        return [];
      }),
  );
  const found = (await Promise.all(lists)).flat();
  return { found, problems: [...problems, ...failures] };
}
