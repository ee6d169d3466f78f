import type { Named } from '../kinds/kind.ts';
import type { ParameterRecord, Parameters, ParameterTable } from '../kinds/parameters.ts';
import type { MethodSite, Run } from '../runs/run.ts';

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
    start(site: MethodSite, parameters: Parameters<Table>): Promise<Run>;
  },
): Method {
  return declared as unknown as Method;
}
