import { type JsonObject, type ParameterTable, type PlainParameters, readParameters } from '@spikewire/models';
import type { Backend } from '../backend/backend.ts';
import type { Named, ParameterRecord } from '../kinds/kind.ts';
import type { Measure } from '../measures/measure.ts';
import type { LayerActivations } from './analogue/activations.ts';
import type { Balance } from './spiking-model.ts';
import type { BalanceSite } from './weighted-inputs.ts';

/** Where a method works. */
export interface ConversionSite extends BalanceSite {
  /** What computes the analogue net. */
  readonly backend: Backend;
  /** By layer, of the calibration samples. */
  readonly activations: ReadonlyMap<string, LayerActivations>;
  /** By what answers are judged. */
  readonly measure: Measure;
}

/**
 * A way to convert: one file, one line in the index. It decides the λ of each layer, and how its neurons begin and
 * reset.
 */
export interface ConversionMethod extends Named {
  /** Where it was published. */
  readonly source: string;
  /** What people may choose: the options of the command line. */
  readonly parameters: ParameterTable;
  /** What nets of the source do not have. It is converted as by others, and said. */
  readonly without?: readonly ('biases' | 'maxima')[];
  /** What a person should know of its figures, by the card of the analogue net. */
  note?(card: JsonObject): string;
  balance(site: ConversionSite, parameters: ParameterRecord): Promise<Balance>;
}

/** A method, its parameters typed by its table. */
export function conversionMethod<const Table extends ParameterTable>(
  declared: Omit<ConversionMethod, 'parameters' | 'balance'> & {
    readonly parameters: Table;
    balance(site: ConversionSite, parameters: PlainParameters<Table>): Promise<Balance>;
  },
): ConversionMethod {
  return declared as unknown as ConversionMethod;
}

/** The parameters of a method, where others were not chosen its defaults. Throws `usage` for what is wrong. */
export function parametersOf(
  { name, parameters }: ConversionMethod,
  chosen: Readonly<Record<string, unknown>> = {},
): ParameterRecord {
  return readParameters(`method ${name}`, chosen, parameters, 'usage');
}

/** The share of activations that are not clipped, for methods that let people choose it. */
export const percentile = {
  doc: 'scale by this percentile of the activations above 0; 100: by the largest activation',
  form: 'number',
  default: 99.9,
  above: 0,
  maximum: 100,
} as const;

/** The reset, for methods that let people choose it. */
export const reset = {
  doc: 'reset of the membrane after a spike, by the threshold (soft) or to a value (hard)',
  form: 'word',
  words: ['subtract', 'value'],
  default: 'subtract',
} as const;
