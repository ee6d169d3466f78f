import type { BoardLimit, PublishedBoard } from '@spikewire/engine/executor';
import { SpikewireError } from '@spikewire/models/error';
import { besides } from '../extensions/besides.ts';
import { type ExtensionKind, giving, text } from '../extensions/kind.ts';
import type { ExtensionPlaces } from '../extensions/packages.ts';
import { acceleratorDrivers } from './find-accelerators.ts';
import { checkLimits } from './foreign-board.ts';

/** All boards, where `--for` is asked for them. */
export const ALL = 'all';

const boardKind: ExtensionKind<PublishedBoard> = {
  field: 'boards',
  exported: 'boards',
  title: 'published board',
  shape: { address: text, name: text, limits: giving(checkLimits) },
  names: ({ address }) => [address],
  taken: [ALL],
};

/**
 * The boards of some addresses, `<board>` or `<driver>:<board>`; a first word alone stands for all boards that have it,
 * and `all` for all that are known. Rejects with `usage`, with `where` in front, for an address that means nothing here.
 */
export async function publishedBoards(
  where: string,
  addresses: readonly string[],
  places?: ExtensionPlaces,
): Promise<readonly PublishedBoard[]> {
  const { boards, problems } = await knownBoards(places);
  const found = addresses.flatMap((address) => {
    const named = boards.filter((board) => isNamed(board, address));
    if (named.length > 0) return named;
    const known = boards.map((board) => board.address).join(', ');
    const expected = known === '' ? 'an installed package that knows it' : `${ALL}, or one of ${known}`;
    throw new SpikewireError('usage', where, `"${address}" is no known board`, besides(expected, problems));
  });
  return [...new Set(found)];
}

function isNamed(board: PublishedBoard, address: string): boolean {
  return address === ALL || board.address === address || board.address.startsWith(`${address}:`);
}

/** The profiles of drivers, and boards without a driver. */
async function knownBoards(places?: ExtensionPlaces) {
  const { broughtEntries } = await import('../extensions/brought.ts');
  const [drivers, published] = await Promise.all([
    acceleratorDrivers({ places }),
    broughtEntries(boardKind, { places }),
  ]);
  const profiles = (await Promise.all(drivers.entries.map((driver) => driver.profiles?.() ?? []))).flat();
  const ofDrivers = profiles.map((profile): PublishedBoard => {
    const limits = async (model: Parameters<PublishedBoard['limits']>[0]): Promise<readonly BoardLimit[]> =>
      (await profile.limits?.(model)) ?? [];
    return { address: profile.address, name: profile.name, limits };
  });
  return { boards: [...ofDrivers, ...published.entries], problems: [...drivers.problems, ...published.problems] };
}
