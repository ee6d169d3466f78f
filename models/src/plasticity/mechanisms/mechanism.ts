import { SpikewireError } from '../../error.ts';
import type { ParameterDeclaration, ParameterTable, PlainParameters } from '../../parameters/declaration.ts';
import { readParameters } from '../../parameters/read.ts';
import type { TraceDeclaration } from '../rule.ts';

/** Something that any rule may have beside its own parameters: one file, one line in the index. */
export interface Mechanism {
  /** Where it stands beside the rule. */
  readonly key: string;
  readonly declaration: ParameterDeclaration;
  /** Of one that is an object. */
  readonly parameters?: ParameterTable;
  /**
   * Reads what stands there; `beside` is all that stands beside the rule. Absent: as it is. Throws `learning` errors
   * that start with `where`, which names the key.
   */
  read?(where: string, value: unknown, beside: Readonly<Record<string, unknown>>): unknown;
  /** What it does to the weights, where that is to scale those into each output every so many steps. */
  scaling?(declared: unknown, site: ScalingSite): Scaling;
}

export interface ScalingSite {
  /** Step in seconds. */
  readonly dt: number;
  /** Steps of a sample, with its rest. */
  readonly sampleSteps: number;
}

/** Multiplies all weights that lead to an output (or to a channel of a convolution) by one number. */
export interface Scaling {
  /** Steps between two times. */
  readonly every: number;
  /** A trace of the outputs that it looks at; absent: it looks at the sum of the magnitudes of the weights. */
  readonly trace?: TraceDeclaration & { readonly side: 'post' };
  /** From that sum, or the mean of the trace, to the number; one that is not finite leaves the weights as they are. */
  factor(of: number): number;
}

/** When one that recurs does so. */
export const every = {
  doc: 'steps between two times (default a sample)',
  form: 'integer',
  minimum: 1,
  optional: true,
} as const;

/** One that is an object with a table of its own, and scales weights. */
export function scalingMechanism<const Table extends ParameterTable>(
  key: string,
  doc: string,
  parameters: Table,
  scaling: (declared: PlainParameters<Table>, site: ScalingSite) => Scaling,
): Mechanism {
  return {
    key,
    declaration: { doc, form: 'json', optional: true },
    parameters,
    read: (where, value) => present(readParameters(where, objectOf(where, value), parameters, 'learning')),
    scaling: (declared, site) => scaling(declared as PlainParameters<Table>, site),
  };
}

export function objectOf(where: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new SpikewireError('learning', where, `is ${JSON.stringify(value)}`, 'an object');
}

/** Without the members that were left out. */
export function present<Members extends object>(members: Members): Members {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Members;
}
