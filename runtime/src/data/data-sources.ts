import type { DataSet, DataSource } from '@spikewire/engine/data';
import { SpikewireError } from '@spikewire/models';
import { besides } from '../extensions/besides.ts';
import { type BringOptions, type BroughtEntries, broughtEntries } from '../extensions/brought.ts';
import { type ExtensionKind, method, text, word } from '../extensions/kind.ts';
import type { ExtensionPlaces } from '../extensions/packages.ts';
import { sourceOf } from '../package-source.ts';
import { readCsvTable } from './csv-table.ts';
import { loadRecorded } from './recorded.ts';

/** What the runtime reads by itself. */
const own: readonly DataSource[] = [
  { name: 'csv', summary: 'csv:FILE, a table: numbers in columns, the class in the last column', load: readCsvTable },
  { name: 'recorded', summary: 'recorded:FILE, a file that spikewire record wrote', load: loadRecorded },
];

const dataKind: ExtensionKind<DataSource> = {
  field: 'data',
  exported: 'dataSources',
  title: 'source of data',
  shape: { name: word, summary: text, load: method },
  names: ({ name }) => [name],
  taken: own.map(({ name }) => name),
};

/** The sources that packages bring, such as the trainer, and what is wrong with packages. */
export function foreignDataSources(options?: BringOptions<DataSource>): Promise<BroughtEntries<DataSource>> {
  return broughtEntries(dataKind, options);
}

/** Every source on this machine. */
export async function dataSources(places?: ExtensionPlaces): Promise<readonly DataSource[]> {
  return [...own, ...(await foreignDataSources({ places })).entries];
}

/** Loads `name` or `name:argument`; rejects with `usage` that lists the names there are. */
export async function loadDataSet(address: string, places?: ExtensionPlaces): Promise<DataSet> {
  const colon = address.indexOf(':');
  const name = colon < 0 ? address : address.slice(0, colon);
  const argument = colon < 0 ? undefined : address.slice(colon + 1);
  const isWanted = (source: DataSource) => source.name === name;
  const ours = own.find(isWanted);
  if (ours !== undefined) return ours.load(argument);
  const { entries, problems } = await foreignDataSources({ places, isWanted });
  const source = entries.find(isWanted);
  if (source !== undefined) return source.load(argument);
  const known = [...own, ...entries].map((each) => formsOf(each)[0]!.split(' or ')[0]).join(', ');
  const about = `${hintFor(address)}${known}; "spikewire eval --help" explains them`;
  const more = entries.length > 0 ? about : `${about}; more with ${sourceOf('@spikewire/trainer')}`;
  throw new SpikewireError('usage', `--data ${address}`, 'is not a known data set', besides(more, problems));
}

/** What to write instead of the bare name of a file; nothing where that is not known. */
function hintFor(address: string): string {
  if (address.endsWith('.csv')) return `csv:${address} for this file, or `;
  return address.endsWith('.jsonl') ? `recorded:${address} for this file, or ` : '';
}

/** How a source is written, and what it is: the parts of its summary. */
function formsOf({ summary }: DataSource): readonly [forms: string, about: string] {
  const [forms, ...about] = summary.split(', ');
  return [forms!, about.join(', ')];
}

/** Every source on this machine, for the help. */
export async function dataRows(
  places?: ExtensionPlaces,
): Promise<readonly (readonly [forms: string, about: string])[]> {
  return (await dataSources(places)).map(formsOf);
}
