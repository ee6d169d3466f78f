import { type ParameterTable, type PlainParameters, readParameters, SpikewireError } from '@spikewire/models';
import { readSpecification } from '../kinds/kind.ts';

/**
 * What stands behind the colon of a data set in a folder, `FOLDER` or `FOLDER,key=value,…`. Throws `usage` where no
 * folder is named, and for choices that are not in the table.
 */
export function folderAndChoices<const Table extends ParameterTable>(
  source: string,
  argument: string,
  table: Table,
): { readonly folder: string; readonly chosen: PlainParameters<Table> } {
  const [folder, rest] = argument.split(/,(.*)/s) as [string, string?];
  if (folder === '') throw new SpikewireError('usage', `--data ${source}`, 'names no folder', `${source}:FOLDER`);
  const { given } = readSpecification(rest === undefined ? 'data' : `data:${rest}`);
  const chosen = readParameters(`--data ${source}:${argument}`, given, table, 'usage');
  return { folder, chosen: chosen as PlainParameters<Table> };
}
