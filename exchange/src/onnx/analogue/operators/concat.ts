import { elementCount, formatShape, sameShape, scalar } from '@spikewire/models';
import type { OnnxOperator, OperatorSite } from './operator.ts';
import { joinedNumbers } from './shape-numbers.ts';
import { isSignal, type Signal } from './value.ts';

/** Parts of one value, such as the ways of a U-Net that skip its middle; of constants, a longer list. */
export const concat: OnnxOperator = {
  types: ['Concat'],
  apply(site) {
    const { inputs } = site;
    return inputs.some((value) => value !== undefined && isSignal(value)) ? joined(site) : joinedNumbers(site);
  },
};

/**
 * Parts lie one after the other, channel by channel, whatever the axis: only how the whole is seen depends on it. Where
 * their pixels differ, all elements count as channels.
 */
function joined(site: OperatorSite): Signal {
  const { net, name, inputs } = site;
  const given = inputs.map((_, index) => net.settle(name, site.signal(index)));
  const axis = axisOf(site, given);
  const pixels = given[0]!.physical.slice(1);
  const isAlike = given.every(({ physical }) => sameShape(physical.slice(1), pixels));
  const parts = isAlike ? given : given.map((part) => net.inRow(name, part));
  const channels = parts.reduce((sum, { physical }) => sum + physical[0]!, 0);
  let start = 0;
  const sources = parts.flatMap((part) => {
    const node = net.add(name, 'Concat', { channels: scalar(channels), start: scalar(start) }, part);
    start += part.physical[0]!;
    return node.sources;
  });
  const [first] = parts;
  const shape = first!.shape.map((size, k) => (k === axis ? sum(parts, axis) : size));
  const order = orderOf(site, parts, axis);
  return {
    sources,
    physical: [channels, ...parts[0]!.physical.slice(1)],
    shape,
    ...(order.some((place, k) => place !== k) && { order }),
    isOwn: true,
    isPositive: parts.every(({ isPositive }) => isPositive),
  };
}

function axisOf(site: OperatorSite, parts: readonly Signal[]): number {
  const [{ shape }] = parts as [Signal, ...Signal[]];
  const axis = site.axis(site.integer('axis', 1), shape.length);
  if (axis === 0) throw site.refuse('joins samples of a batch', 'a concatenation along another axis');
  const other = parts.find(
    (part) => part.shape.length !== shape.length || part.shape.some((size, k) => k !== axis && size !== shape[k]),
  );
  if (other === undefined) return axis;
  throw site.refuse(`joins ${formatShape(other.shape)} along axis ${axis}`, 'parts that differ along that axis only');
}

const sum = (parts: readonly Signal[], axis: number) => parts.reduce((total, { shape }) => total + shape[axis]!, 0);

/** By element of the whole as ONNX counts, its place among the parts. */
function orderOf({ net }: OperatorSite, parts: readonly Signal[], axis: number): Int32Array {
  const sizes = parts.map(({ shape }) => elementCount(shape.slice(axis)));
  const rows = elementCount(parts[0]!.shape.slice(1, axis));
  const order = new Int32Array(rows * sizes.reduce((total, size) => total + size, 0));
  net.take(order.length);
  let at = 0;
  for (let row = 0; row < rows; row++) {
    let start = 0;
    parts.forEach(({ order: own, physical }, part) => {
      for (let k = row * sizes[part]!; k < (row + 1) * sizes[part]!; k++) order[at++] = start + (own?.[k] ?? k);
      start += elementCount(physical);
    });
  }
  return order;
}
