import { SpikewireError } from '@spikewire/models';
import { type ImportModule, importCompanion, sourceOf } from '../companion.ts';
import { readCsvTable } from './csv-table.ts';
import type { DataSet, DataSource } from './data-set.ts';
import { loadRecorded } from './recorded.ts';

/** What the runtime reads by itself. */
const own: readonly DataSource[] = [
  { name: 'csv', summary: 'csv:FILE, numbers in columns and the class in the last', load: readCsvTable },
  { name: 'recorded', summary: 'recorded:FILE, labelled readings of spikewire record', load: loadRecorded },
];

/** Data sources of the runtime and, where it is installed, of the trainer package. */
export async function dataSources(importModule?: ImportModule): Promise<readonly DataSource[]> {
  type Entry = { dataSources: readonly DataSource[] };
  const entry = await importCompanion<Entry>('@spikewire/trainer', 'data', importModule);
  return [...own, ...(entry?.dataSources ?? [])];
}

/** Loads `name` or `name:argument`; rejects with `usage` that lists the names there are. */
export async function loadDataSet(address: string, importModule?: ImportModule): Promise<DataSet> {
  const colon = address.indexOf(':');
  const name = colon < 0 ? address : address.slice(0, colon);
  const sources = await dataSources(importModule);
  const source = sources.find((candidate) => candidate.name === name);
  if (source !== undefined) return source.load(colon < 0 ? undefined : address.slice(colon + 1));
  const known = sources.map(({ summary }) => summary).join('; ');
  const more = sources.length > own.length ? known : `${known}; more with ${sourceOf('@spikewire/trainer')}`;
  throw new SpikewireError('usage', `--data ${address}`, 'is not known here', more);
}
