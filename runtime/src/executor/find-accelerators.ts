import type { Attached } from '../extensions/attached.ts';
import type { BringOptions, BroughtEntries } from '../extensions/brought.ts';
import { type ExtensionKind, giving, method, optional, text, word } from '../extensions/kind.ts';
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

/** The boards that are attached now. */
export async function attachedBoards(places?: ExtensionPlaces): Promise<Attached<AcceleratorDescription>> {
  const { attachedTo } = await import('../extensions/attached.ts');
  return attachedTo(await acceleratorDrivers({ places }));
}
