import type { ParameterTable, PlainParameters } from '@spikewire/models';
import type { Named } from '../kinds/kind.ts';

import type { MethodSite, Run } from '../runs/run.ts';

/** A record by a method's table, as it stands in configurations: what was chosen, and the defaults. */
export type ParameterRecord = Readonly<Record<string, unknown>>;

/** A way to train: one file, one line in the index. */
export interface Method extends Named {
  /** Where it was published. */
  readonly source: string;
  /** What people may choose: the options of the command line, and what stands in the configuration of a run. */
  readonly parameters: ParameterTable;
  /** Begins; rejects with `usage`, `input` or `unsupported` for what does not fit. */
  start(site: MethodSite, parameters: ParameterRecord): Promise<Run>;
}

/** A method, its parameters typed by its table. */
export function method<const Table extends ParameterTable>(
  declared: Omit<Method, 'parameters' | 'start'> & {
    readonly parameters: Table;
    start(site: MethodSite, parameters: PlainParameters<Table>): Promise<Run>;
  },
): Method {
  return declared as unknown as Method;
}
