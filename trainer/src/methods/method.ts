import type { ParameterTable, PlainParameters } from '@spikewire/models';
import type { Named, ParameterRecord } from '../kinds/kind.ts';
import type { MethodSite, Run } from '../runs/run.ts';

/**
 * Data and choices with which a method reaches a figure that is known: `--preset`. What is given beside it goes first.
 */
export interface Preset<Choices = ParameterRecord> {
  /** Address of the data set. */
  readonly data: string;
  readonly parameters: Choices;
}

/** A way to train: one file, one line in the index. */
export interface Method extends Named {
  /** Where it was published. */
  readonly source: string;
  /** What people may choose: the options of the command line, and what stands in the configuration of a run. */
  readonly parameters: ParameterTable;
  /** By name; each has a row in RESULTS.md. */
  readonly presets?: Readonly<Record<string, Preset>>;
  /** Whether samples may have numbers for their answers, in place of a class. */
  readonly takesNumbers?: true;
  /** Whether it makes a net of its own from data alone, so that no model can be trained further. */
  readonly startsAnew?: true;
  /** Begins; rejects with `usage`, `input` or `unsupported` for what does not fit. */
  start(site: MethodSite, parameters: ParameterRecord): Promise<Run>;
}

/** A method, its parameters typed by its table. */
export function method<const Table extends ParameterTable>(
  declared: Omit<Method, 'parameters' | 'presets' | 'start'> & {
    readonly parameters: Table;
    readonly presets?: Readonly<Record<string, Preset<Partial<PlainParameters<Table>>>>>;
    start(site: MethodSite, parameters: PlainParameters<Table>): Promise<Run>;
  },
): Method {
  return declared as unknown as Method;
}
