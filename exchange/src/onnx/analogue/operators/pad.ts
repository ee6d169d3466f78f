import { scalar } from '@spikewire/models';
import type { OnnxOperator, OperatorSite } from './operator.ts';
import type { Padding, Signal } from './value.ts';

/** Zeros around, which the convolution or pooling behind takes up; empty channels before and behind those there are. */
export const pad: OnnxOperator = {
  types: ['Pad'],
  takesPadding: true,
  apply(site) {
    const signal = site.signal(0);
    const [before, behind] = padsOf(site, signal);
    const all = [...before, ...behind];
    if (all.every((count) => count === 0)) return signal;
    const isLarge = all.some((count) => !(Number.isInteger(count) && count >= 0 && count < 2 ** 20));
    if (isLarge || before[0] !== 0 || behind[0] !== 0) {
      throw site.refuse(
        `pads ${before.join(', ')} before and ${behind.join(', ')} behind`,
        'none of the batch, and 0 or more',
      );
    }
    const mode = site.text('mode', 'constant');
    if (mode !== 'constant') throw site.refuse(`pads by ${mode}`, 'mode constant');
    const value = site.optionalConstant(2)?.data[0] ?? site.float('value', 0);
    if (value !== 0) throw site.refuse(`pads with ${value}`, '0');
    if (signal.shape.length === 2 || before[1] !== 0 || behind[1] !== 0)
      return emptyChannels(site, signal, before, behind);
    if (signal.shape.length < 3 || signal.shape.length > 4) throw site.refuse('pads no images or signals', 'these');
    return { ...signal, padding: added(signal.padding, before, behind) };
  },
};

/** Elements before the first and behind the last one, by axis. */
function padsOf(site: OperatorSite, { shape }: Signal): [number[], number[]] {
  const isListed = site.opset < 11;
  const pads = isListed ? (site.integers('pads') ?? []) : Array.from(site.constant(1).data);
  const named = Array.from(site.optionalConstant(3)?.data ?? shape.map((_, axis) => axis));
  const axes = named.map((axis) => site.axis(axis, shape.length));
  if (pads.length !== 2 * axes.length) throw site.refuse(`has ${pads.length} pads`, `${2 * axes.length}`);
  const byAxis = (list: readonly number[]) => shape.map((_, axis) => list[axes.indexOf(axis)] ?? 0);
  return [byAxis(pads.slice(0, axes.length)), byAxis(pads.slice(axes.length))];
}

function added(padding: Padding | undefined, before: readonly number[], behind: readonly number[]): Padding {
  if (padding === undefined) return { before, behind };
  return {
    before: before.map((count, axis) => count + padding.before[axis]!),
    behind: behind.map((count, axis) => count + padding.behind[axis]!),
  };
}

function emptyChannels(
  site: OperatorSite,
  signal: Signal,
  before: readonly number[],
  behind: readonly number[],
): Signal {
  const { net, name } = site;
  if ([...before.slice(2), ...behind.slice(2)].some((count) => count !== 0)) {
    throw site.refuse(`pads channels and pixels`, 'a Pad of each');
  }
  const settled = net.settle(name, signal);
  const part = signal.shape.length === 2 ? net.inRow(name, settled) : site.inOrder(settled);
  const [start, size] = [before[1]!, part.physical[0]!];
  const channels = start + size + behind[1]!;
  const { order, padding, isPositive } = part;
  const node = net.add(name, 'Concat', { channels: scalar(channels), start: scalar(start) }, part);
  const padded = { ...node, isPositive, ...(padding && { padding }) };
  if (order === undefined) return padded;
  const placeOf = (_: unknown, k: number) => start + (order[k - start] ?? k - start);
  return { ...padded, order: Int32Array.from({ length: channels }, placeOf) };
}
