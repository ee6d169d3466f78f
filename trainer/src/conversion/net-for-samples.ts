import type { DataSet } from '@spikewire/engine/data';
import {
  type CodingDeclaration,
  elementCount,
  type Model,
  type ResolvedNode,
  resolveGraph,
  type Shape,
  SpikewireError,
} from '@spikewire/models';
import { withTestPart } from '../samples/test-part.ts';

/** What the numbers that a net takes are of those of a sample: (scale·x − mean)/std. */
export interface InputUnits {
  readonly scale?: number | undefined;
  /** One for all channels, or one for each. */
  readonly mean?: readonly number[] | undefined;
  readonly std?: readonly number[] | undefined;
}

/**
 * An analogue net of a file as it is for samples: its input in their units, in a range that holds all of them, and its
 * answers classes by their names, or numbers where the samples have numbers. A file of others says none of it. Throws
 * `usage` for units that do not fit the input.
 */
export function netForSamples(model: Model, data: DataSet, units: InputUnits = {}): Model {
  const isGiven = Object.values(units).some((value) => value !== undefined);
  const { onnx, conversion } = model.provenance;
  // What was converted got its units with that.
  const isForeign = onnx !== undefined && conversion === undefined;
  if (!isGiven && !isForeign) return model;
  const { samples } = withTestPart(data).training!;
  const { nodes } = resolveGraph(model.graph, model.semantics);
  const shapeOf = (wanted: (node: ResolvedNode) => boolean) => nodes.find(wanted)!.shape;
  const encoder = new Map<string, CodingDeclaration>();
  for (const [input, declared] of model.encoder) {
    const shape = shapeOf(({ name }) => name === input);
    encoder.set(input, inUnits(declared, shape, samples, units));
  }
  const decoder = isForeign && data.targets !== undefined ? linearly(model) : model.decoder;
  const answers = elementCount(shapeOf(({ kind }) => kind.role === 'output'));
  const isNamed = model.labels.length === 0 && data.classes.length === answers;
  return { ...model, encoder, decoder, ...(isNamed && { labels: data.classes }) };
}

function linearly({ decoder }: Model): Model['decoder'] {
  return new Map([...decoder.keys()].map((output) => [output, { type: 'linear', parameters: {} }]));
}

/** Direct current of the same numbers, made of others: what is normalised to ±1 or 0…1 is that times the gain. */
function inUnits(
  { type, parameters }: CodingDeclaration,
  shape: Shape,
  samples: readonly ArrayLike<number>[],
  { scale = 1, mean = [0], std = [1] }: InputUnits,
): CodingDeclaration {
  if (type !== 'direct') {
    throw new SpikewireError('usage', 'the units of the input', `are given beside ${type}`, 'direct');
  }
  const pixels = elementCount(shape.slice(1));
  for (const [name, list] of Object.entries({ mean, std })) {
    if (list.length === 1 || list.length === shape[0]) continue;
    const expected = `1 or ${shape[0]}, one per channel`;
    throw new SpikewireError('usage', `--input-${name}`, `has ${list.length} numbers`, expected);
  }
  const at = (list: readonly number[], element: number) => list[list.length === 1 ? 0 : Math.floor(element / pixels)]!;
  let [lowest, largest] = [0, 0];
  for (const sample of samples) {
    for (let k = 0; k < sample.length; k++) {
      const value = (scale * sample[k]! - at(mean, k)) / at(std, k);
      lowest = Math.min(lowest, value);
      largest = Math.max(largest, Math.abs(value));
    }
  }
  // By a power of two, so that dividing and multiplying leaves every bit.
  const gain = Math.min(Number(parameters.gain ?? 1), largest > 0 ? 2 ** Math.ceil(Math.log2(largest)) : 1);
  const isPositive = lowest === 0 && mean.every((value) => value === 0);
  const rangeOf = (element: number) => {
    const [middle, reach] = [at(mean, element) / scale, (gain * at(std, element)) / scale];
    return isPositive ? [0, reach] : [middle - reach, middle + reach];
  };
  const count = mean.length === 1 && std.length === 1 ? 1 : elementCount(shape);
  const ranges = Array.from({ length: count }, (_, element) => rangeOf(element));
  const span = isPositive ? 'unit' : 'signed';
  return { type, parameters: { range: count === 1 ? ranges[0]! : ranges, span, gain } };
}
