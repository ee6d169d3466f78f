import { formatShape } from '@spikewire/models';
import { list } from './net-writer.ts';
import type { OnnxOperator, OperatorSite } from './operator.ts';
import type { Signal } from './value.ts';

/** An image or signal in whole times its size, each element repeated. */
export const resize: OnnxOperator = {
  types: ['Resize', 'Upsample'],
  apply(site) {
    const signal = site.net.settle(site.name, site.inOrder(site.signal(0)));
    const { shape } = signal;
    const mode = site.text('mode', 'nearest');
    if (mode !== 'nearest') throw site.refuse(`interpolates by ${mode}`, 'mode nearest');
    const factors = factorsOf(site, signal);
    const [batch, channels, ...others] = factors;
    const isWhole = batch === 1 && channels === 1 && others.every((factor) => Number.isInteger(factor) && factor >= 1);
    if (!isWhole || shape.length < 3 || shape.length > 4) {
      throw site.refuse(`has the factors ${factors.join(', ')}`, '1, 1 and whole ones of images or signals');
    }
    if (others.every((factor) => factor === 1)) return signal;
    refuseOtherPlaces(site, shape.slice(2), others);
    const parameters = { scale_factor: list(others) };
    return {
      ...site.net.add(site.name, `Upsample${others.length}d`, parameters, signal),
      isPositive: signal.isPositive,
    };
  },
};

/** By axis; ones where the node names fewer. */
function factorsOf(site: OperatorSite, { shape }: Signal): number[] {
  const policy = site.text('keep_aspect_ratio_policy', 'stretch');
  if (policy !== 'stretch') throw site.refuse(`has the policy ${policy}`, 'keep_aspect_ratio_policy stretch');
  const listed = (index: number) => {
    const data = site.optionalConstant(index)?.data;
    return data === undefined || data.length === 0 ? undefined : Array.from(data);
  };
  const scales = site.floats('scales') ?? listed(isOld(site) ? 1 : 2);
  const sizes = isOld(site) ? undefined : listed(3);
  const given = scales ?? sizes ?? [];
  const axes = site.integers('axes')?.map((axis) => site.axis(axis, shape.length)) ?? shape.map((_, axis) => axis);
  if (given.length !== axes.length) throw site.refuse(`has ${given.length} scales or sizes`, `${axes.length}`);
  return shape.map((size, axis) => {
    const value = given[axes.indexOf(axis)];
    if (value === undefined) return 1;
    return scales === undefined ? value / size : value;
  });
}

/** What is wanted of `size` elements `factor` times as many: where an element of the result lies among them. */
type Placing = (place: number, factor: number, size: number) => number;

const PLACINGS: ReadonlyMap<string, Placing> = new Map<string, Placing>([
  ['half_pixel', (place, factor) => (place + 0.5) / factor - 0.5],
  // In the middle, where whole factors leave nothing to move.
  ['half_pixel_symmetric', (place, factor) => (place + 0.5) / factor - 0.5],
  ['pytorch_half_pixel', (place, factor, size) => (size * factor > 1 ? (place + 0.5) / factor - 0.5 : 0)],
  ['asymmetric', (place, factor) => place / factor],
  ['tf_half_pixel_for_nn', (place, factor) => (place + 0.5) / factor],
  ['align_corners', (place, factor, size) => (size * factor > 1 ? (place * (size - 1)) / (size * factor - 1) : 0)],
]);

const ROUNDINGS: ReadonlyMap<string, (place: number) => number> = new Map([
  ['round_prefer_floor', (place: number) => Math.ceil(place - 0.5)],
  ['round_prefer_ceil', (place: number) => Math.floor(place + 0.5)],
  ['floor', Math.floor],
  ['ceil', Math.ceil],
]);

/** Elements lay and were rounded in one way only, and the scales were the second input. */
const isOld = ({ node, opset }: OperatorSite) => node.operator === 'Upsample' || opset < 11;

/** Refuses ways of finding the nearest element that are not the same as repeating each. */
function refuseOtherPlaces(site: OperatorSite, sizes: readonly number[], factors: readonly number[]): void {
  const placing = isOld(site) ? 'asymmetric' : site.text('coordinate_transformation_mode', 'half_pixel');
  const rounding = isOld(site) ? 'floor' : site.text('nearest_mode', 'round_prefer_floor');
  const [placed, rounded] = [PLACINGS.get(placing), ROUNDINGS.get(rounding)];
  site.net.take(sizes.reduce((sum, size, axis) => sum + size * factors[axis]!, 0));
  const repeats = (size: number, factor: number) => {
    for (let place = 0; place < size * factor; place++) {
      const from = Math.min(size - 1, Math.max(0, rounded!(placed!(place, factor, size))));
      if (from !== Math.floor(place / factor)) return false;
    }
    return true;
  };
  if (placed !== undefined && rounded !== undefined && sizes.every((size, axis) => repeats(size, factors[axis]!)))
    return;
  const problem = `does not repeat elements ${formatShape(factors)} times with ${placing} and ${rounding}`;
  throw site.refuse(problem, 'asymmetric and floor, or half_pixel and round_prefer_floor');
}
