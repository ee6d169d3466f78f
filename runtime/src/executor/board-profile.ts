import { SpikewireError } from '@spikewire/models/error';
import { besides } from '../extensions/besides.ts';
import type { ExtensionPlaces } from '../extensions/packages.ts';
import type { AcceleratorDriver, BoardProfile } from './accelerator.ts';
import { acceleratorDrivers } from './find-accelerators.ts';

/**
 * The board for which a model is made, by `<driver>:<board>`; none needs to be attached. Rejects with `usage`, with
 * `where` in front, for an address that means nothing here.
 */
export async function boardProfile(where: string, address: string, places?: ExtensionPlaces): Promise<BoardProfile> {
  const isWanted = ({ scheme }: AcceleratorDriver) => address.startsWith(`${scheme}:`);
  const { entries, problems } = await acceleratorDrivers({ places, isWanted });
  const profiles = (await Promise.all(entries.map((driver) => driver.profiles?.() ?? []))).flat();
  const profile = profiles.find((each) => each.address === address);
  if (profile !== undefined) return profile;
  const known = profiles.map((each) => each.address).join(', ');
  const expected = known === '' ? 'an installed package that defines it' : `one of ${known}`;
  throw new SpikewireError('usage', where, `"${address}" is not a known board`, besides(expected, problems));
}
