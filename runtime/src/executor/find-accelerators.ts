import type { SpikewireError } from '@spikewire/models/error';
import type { Attached } from '../extensions/attached.ts';
import { besides } from '../extensions/besides.ts';
import type { BringOptions, BroughtEntries } from '../extensions/brought.ts';
import { type ExtensionKind, flag, giving, method, optional, text, word } from '../extensions/kind.ts';
import type { ExtensionPlaces } from '../extensions/packages.ts';
import type { AcceleratorDescription, AcceleratorDriver } from './accelerator.ts';
import { checkBoards, guardBoard, guardProfiles } from './foreign-board.ts';

const driverKind: ExtensionKind<AcceleratorDriver> = {
  field: 'drivers',
  exported: 'acceleratorDrivers',
  title: 'driver of boards',
  shape: {
    scheme: word,
    summary: text,
    list: giving(checkBoards),
    open: giving(guardBoard),
    runsPlacedNets: optional(flag),
    profiles: optional(giving(guardProfiles)),
    test: optional(method),
    flash: optional(method),
  },
  names: ({ scheme }) => [scheme],
  taken: [],
};

/** The drivers for boards that packages bring, and what is wrong with packages. */
export async function acceleratorDrivers(
  options?: BringOptions<AcceleratorDriver>,
): Promise<BroughtEntries<AcceleratorDriver>> {
  // Loaded here, because a thread that leaves all nets to a worker does without it.
  const { broughtEntries } = await import('../extensions/brought.ts');
  return broughtEntries(driverKind, options);
}

/** `<driver>:<board>` in two parts; undefined for what has another form. */
export function boardAddress(address: string): { readonly scheme: string; readonly rest: string } | undefined {
  const [, scheme, rest] = /^([\w-]+):(.*)$/s.exec(address) ?? [];
  return scheme === undefined ? undefined : { scheme, rest: rest! };
}

export interface AddressedDriver extends Pick<BroughtEntries<AcceleratorDriver>, 'entries' | 'problems'> {
  /** Undefined where none is installed that has the scheme of the address. */
  readonly driver: AcceleratorDriver | undefined;
  /** What its `open` takes. */
  readonly rest: string;
}

/** The driver for `<driver>:<board>` among those that are installed, or `given`; and what cannot be used. */
export async function driverOf(address: string, given?: readonly AcceleratorDriver[]): Promise<AddressedDriver> {
  const { scheme, rest = '' } = boardAddress(address) ?? {};
  const isWanted = (driver: AcceleratorDriver) => driver.scheme === scheme;
  const { entries, problems } =
    given === undefined ? await acceleratorDrivers({ isWanted }) : { entries: given, problems: [] };
  return { driver: entries.find(isWanted), rest, entries, problems };
}

/** What to expect in the place of a board that no driver takes: the `known` forms, and what cannot be used. */
export function expectedBoards(known: readonly string[], problems: readonly SpikewireError[]): string {
  const expected = known.length === 0 ? 'an installed package that provides it' : `one of ${known.join(', ')}`;
  return besides(expected, problems);
}

/** The boards that are attached now. */
export async function attachedBoards(places?: ExtensionPlaces): Promise<Attached<AcceleratorDescription>> {
  const { attachedTo } = await import('../extensions/attached.ts');
  return attachedTo(await acceleratorDrivers({ places }));
}
