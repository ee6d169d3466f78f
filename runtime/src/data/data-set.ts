import { SpikewireError } from '@spikewire/models';
import { readCsvTable } from './csv-table.ts';

/** Labelled samples for evaluation. */
export interface DataSet {
  readonly name: string;
  /** Names of the classes; a sample's class is an index here. */
  readonly classes: readonly string[];
  readonly samples: readonly Float64Array[];
  readonly labels: Int32Array;
}

/** A source of data sets by name; `argument` is what stands behind the colon of `name:argument`. */
export interface DataSource {
  readonly name: string;
  readonly summary: string;
  load(argument: string | undefined): Promise<DataSet>;
}

const own: readonly DataSource[] = [{ name: 'csv', summary: 'csv:FILE, numbers in columns and the class in the last', load: readCsvTable }];

/** Data sources of the runtime and, where it is installed, of the trainer package. */
export async function dataSources(): Promise<readonly DataSource[]> {
  const entry = '@spikewire/trainer/data';
  try {
    return [...own, ...((await import(entry)) as { dataSources: readonly DataSource[] }).dataSources];
  } catch (cause) {
    const { code } = cause as { code?: unknown };
    if (code === 'ERR_MODULE_NOT_FOUND' || code === 'ERR_PACKAGE_PATH_NOT_EXPORTED') return own;
    throw cause;
  }
}

/** Loads `name` or `name:argument`; rejects with `usage` that lists the names there are. */
export async function loadDataSet(address: string): Promise<DataSet> {
  const colon = address.indexOf(':');
  const name = colon < 0 ? address : address.slice(0, colon);
  const sources = await dataSources();
  const source = sources.find((candidate) => candidate.name === name);
  if (source === undefined) {
    throw new SpikewireError('usage', `--data ${address}`, 'is not known here', `${sources.map(({ summary }) => summary).join('; ')}; more with @spikewire/trainer`);
  }
  return source.load(colon < 0 ? undefined : address.slice(colon + 1));
}
