import { elementCount, roundHalfEven } from '@spikewire/models';
import { FLOAT, INT8, INT16, INT32, UINT8, UINT16 } from '../../tensor.ts';
import type { OnnxOperator, OperatorSite } from './operator.ts';
import { type Constant, isSignal, type Signal, type Value } from './value.ts';

const RANGES: ReadonlyMap<number, readonly [lowest: number, highest: number]> = new Map([
  [UINT8, [0, 255]],
  [INT8, [-128, 127]],
  [UINT16, [0, 65_535]],
  [INT16, [-32_768, 32_767]],
  [INT32, [-(2 ** 31), 2 ** 31 - 1]],
]);

/**
 * Numbers of 8 or 16 bits and what they stand for. Weights become what they stand for. Of what depends on the sample
 * only the range is kept, where it begins at 0: it is that of a rectifier, which tools leave out where the number
 * format has the same effect; of the input it is that of the encoder. It is not rounded.
 */
export const quantization: OnnxOperator = {
  types: ['QuantizeLinear', 'DequantizeLinear'],
  apply(site): Value {
    const value = site.value(0);
    const isQuantizing = site.node.operator === 'QuantizeLinear';
    if (!isSignal(value)) return isQuantizing ? quantized(site, value) : dequantized(site, value);
    return isQuantizing ? clipped(site, value) : value;
  },
};

function clipped(site: OperatorSite, signal: Signal): Signal {
  const [scale, zero] = [site.constant(1), site.optionalConstant(2)];
  if (scale.data.length !== 1)
    throw site.refuse(`has ${scale.data.length} scales`, 'one for all that depends on the sample');
  const [lowest, highest] = rangeOf(site, zero);
  const [low, high] = [lowest, highest].map((end) => (end - (zero?.data[0] ?? 0)) * scale.data[0]!);
  const { net, name } = site;
  net.notes.add('activations are not rounded as the file says; of their ranges, those from 0 clip');
  const source = net.nodes.get(signal.sources[0]!)!;
  if (source.type === 'Input') net.largestInput ??= Math.max(Math.abs(low!), Math.abs(high!));
  if (source.type === 'Input' || low !== 0 || !(high! > 0)) return signal;
  // What a rectifier has handed on to others, or a mean of it, was in its range before.
  const isUnit = signal.isOwn && signal.sources.length === 1 && source.type === 'ReLU';
  return signal.isPositive && !isUnit ? signal : net.rectify(name, signal, high);
}

function rangeOf(site: OperatorSite, zero: Constant | undefined): readonly [number, number] {
  const range = RANGES.get(zero?.type ?? (site.integer('output_dtype', UINT8) || UINT8));
  if (range === undefined) throw site.refuse('has a number format that is not known', 'int8, uint8, int16 or uint16');
  return range;
}

function dequantized(site: OperatorSite, value: Constant): Constant {
  return perAxis(site, value, FLOAT, (q, scale, zero) => (q - zero) * scale);
}

function quantized(site: OperatorSite, value: Constant): Constant {
  const zeros = site.optionalConstant(2);
  const [lowest, highest] = rangeOf(site, zeros);
  return perAxis(site, value, zeros?.type ?? UINT8, (x, scale, zero) =>
    Math.min(highest, Math.max(lowest, roundHalfEven(x / scale) + zero)),
  );
}

/** One scale and zero for all, or one along an axis each. */
function perAxis(
  site: OperatorSite,
  value: Constant,
  type: number,
  operation: (value: number, scale: number, zero: number) => number,
): Constant {
  const [scales, zeros] = [site.constant(1), site.optionalConstant(2)];
  if (site.integer('block_size', 0) !== 0)
    throw site.refuse('has scales by block', 'one for all, or one along an axis');
  if (zeros !== undefined && zeros.data.length !== scales.data.length) {
    throw site.refuse(`has ${scales.data.length} scales and ${zeros.data.length} zero points`, 'as many');
  }
  const count = scales.data.length;
  const axis = count === 1 ? 0 : site.axis(site.integer('axis', 1), value.shape.length);
  if (count !== 1 && count !== value.shape[axis]) throw site.refuse(`has ${count} scales`, `1 or ${value.shape[axis]}`);
  site.net.take(value.data.length);
  const inner = elementCount(value.shape.slice(axis + 1));
  const data = new Float64Array(value.data.length);
  for (let k = 0; k < data.length; k++) {
    const at = count === 1 ? 0 : Math.floor(k / inner) % count;
    data[k] = operation(value.data[k]!, scales.data[at]!, zeros?.data[at] ?? 0);
  }
  return { shape: value.shape, type, data };
}
