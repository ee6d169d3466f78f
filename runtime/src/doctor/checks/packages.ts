import { createRequire } from 'node:module';
import type { SpikewireError } from '@spikewire/models';
import { foreignDataSources } from '../../data/data-sources.ts';
import { acceleratorDrivers } from '../../executor/find-accelerators.ts';
import type { BroughtEntries } from '../../extensions/brought.ts';
import { foreignFormats } from '../../extensions/formats.ts';
import { type ExtensionPackage, type ExtensionPlaces, findPackages } from '../../extensions/packages.ts';
import { sourceOf } from '../../package-source.ts';
import { sensorDrivers } from '../../sensors/find.ts';
import type { Check, CheckResult, DoctorQuestion } from './check.ts';

/** Packages of spikewire whose absence is told. */
const OPTIONAL = ['@spikewire/trainer', '@spikewire/exchange', '@spikewire/devices'];

/** Which packages bring something, and what is wrong with them. */
export const packages: Check = { name: 'packages', look: ({ commands }) => lookAtPackages(commands) };

export async function lookAtPackages(
  commands: DoctorQuestion['commands'],
  places?: ExtensionPlaces,
): Promise<readonly CheckResult[]> {
  const [found, brought] = await Promise.all([findPackages(places), everything(commands, places)]);
  const { version: own } = createRequire(import.meta.url)('../../../package.json') as { readonly version: string };
  const ours = OPTIONAL.map((name) => {
    const version = found.packages.find((each) => each.name === name)?.version;
    return judgePackage(name, version, own);
  });
  const others = found.packages.filter(({ isOwn }) => !isOwn);
  // Each kind is looked for by itself, and meets the same broken package.json.
  const problems = new Set(brought.flatMap((each) => each.problems.map(({ message }) => message)));
  return [
    ...ours,
    ...others.flatMap((each) => describe(each, brought)),
    ...[...problems].map((message): CheckResult => ({ state: 'bad', found: message })),
  ];
}

/** All that packages bring, with the names by which people ask for it. */
async function everything(
  commands: DoctorQuestion['commands'],
  places: ExtensionPlaces | undefined,
): Promise<readonly BroughtNames[]> {
  return Promise.all([
    named('driver', acceleratorDrivers({ places }), ({ scheme }) => scheme),
    named('sensor', sensorDrivers({ places }), ({ scheme }) => scheme),
    named('format', foreignFormats({ places }), ({ name }) => name),
    ...(commands === undefined ? [] : [named('command', commands({ places }), ({ name }) => name)]),
    named('data', foreignDataSources({ places }), ({ name }) => name),
  ]);
}

interface BroughtNames {
  readonly title: string;
  /** Names of what a package brings. */
  of(packageName: string): readonly string[];
  readonly problems: readonly SpikewireError[];
}

async function named<Entry>(
  title: string,
  looking: Promise<BroughtEntries<Entry>>,
  nameOf: (entry: Entry) => string,
): Promise<BroughtNames> {
  const { entries, packages: from, problems } = await looking;
  return { title, problems, of: (name) => entries.filter((entry) => from.get(entry)!.name === name).map(nameOf) };
}

function describe({ name, version }: ExtensionPackage, brought: readonly BroughtNames[]): CheckResult[] {
  const parts = brought.flatMap(({ title, of }) => of(name).map((each) => `${title} ${each}`));
  return parts.length === 0 ? [] : [{ state: 'ok', found: `${name} ${version} brings ${parts.join(', ')}` }];
}

export function judgePackage(name: string, version: string | undefined, own: string | undefined): CheckResult {
  if (version === undefined) return { state: 'note', found: `${name} is not installed`, advice: sourceOf(name) };
  const found = `${name} ${version}`;
  if (own === undefined || version === own) return { state: 'ok', found };
  return { state: 'note', found: `${found} beside spikewire ${own}`, advice: `${sourceOf(name)}, of version ${own}` };
}
