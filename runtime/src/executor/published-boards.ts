import type { PublishedBoard } from '@spikewire/engine/executor';
import type { Model } from '@spikewire/models';
import { SpikewireError } from '@spikewire/models/error';
import { besides } from '../extensions/besides.ts';
import { type ExtensionKind, giving, optional, text } from '../extensions/kind.ts';
import type { ExtensionPlaces } from '../extensions/packages.ts';
import type { AcceleratorDriver, BoardProfile } from './accelerator.ts';
import { acceleratorDrivers } from './find-accelerators.ts';
import { checkLimits, checkNotes, checkRefusal } from './foreign-board.ts';

/** All boards, where `--for` is asked for them. */
export const ALL = 'all';

const boardKind: ExtensionKind<PublishedBoard> = {
  field: 'boards',
  exported: 'boards',
  title: 'published board',
  shape: {
    address: text,
    name: text,
    limits: giving(checkLimits),
    notes: optional(giving(checkNotes)),
    refusal: optional(giving(checkRefusal)),
  },
  names: ({ address }) => [address],
  taken: [ALL],
};

/**
 * The boards of some addresses, `<board>` or `<driver>:<board>`; a first word alone stands for all boards that have it,
 * and `all` for all that are known. Rejects with `usage`, with `where` in front, for an address that means nothing
 * here.
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
    const expected = known === '' ? 'an installed package that defines it' : `the word ${ALL}, or one of ${known}`;
    throw new SpikewireError('usage', where, `"${address}" is not a known board`, besides(expected, problems));
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
  const ofDrivers = await Promise.all(drivers.entries.map(boardsOf));
  const boards = [...ofDrivers.flat(), ...published.entries];
  return { boards, problems: [...drivers.problems, ...published.problems] };
}

/** One that cannot say its profiles has a line in the place of all of them. */
async function boardsOf(driver: AcceleratorDriver): Promise<PublishedBoard[]> {
  try {
    return ((await driver.profiles?.()) ?? []).map(ofDriver);
  } catch (problem) {
    if (!(problem instanceof SpikewireError)) throw problem;
    return [{ address: driver.scheme, name: driver.summary, limits: () => Promise.reject(problem) }];
  }
}

function ofDriver(profile: BoardProfile): PublishedBoard {
  return {
    address: profile.address,
    name: profile.name,
    limits: async (model) => (await profile.limits?.(model)) ?? [],
    notes: async (model) => (await profile.notes?.(model)) ?? [],
    refusal: (model) => refusalOf(profile, model),
  };
}

/** A float model may still be rounded for a board that computes in whole numbers. */
async function refusalOf(profile: BoardProfile, model: Model): Promise<string | undefined> {
  if (model.quantization === undefined && !profile.abilities.weightBits.includes(32)) return undefined;
  try {
    await profile.expectFit(model);
    return undefined;
  } catch (problem) {
    if (!(problem instanceof SpikewireError)) throw problem;
    return problem.message;
  }
}
