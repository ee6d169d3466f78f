import { elementCount } from '@spikewire/models';
import { type OnnxOperator, type OperatorSite, stridesOf } from '../operator.ts';
import { isSignal, sampleSize, type Value } from '../value.ts';

/** Another order of the elements, which the weights that come next take up; of a constant another array. */
export const transpose: OnnxOperator = {
  types: ['Transpose'],
  takesPadding: true,
  apply(site): Value {
    const value = site.value(0);
    const { shape } = value;
    const axes = site.integers('perm') ?? shape.map((_, k) => shape.length - 1 - k);
    if (axes.length !== shape.length || shape.some((_, k) => !axes.includes(k))) {
      throw site.refuse(`has the order ${axes.join(', ')}`, `one of ${shape.length} axes`);
    }
    const turned = axes.map((axis) => shape[axis]!);
    if (!isSignal(value)) {
      site.net.take(value.data.length);
      const places = placesOf(site, shape, axes, elementCount(shape));
      return { ...value, shape: turned, data: value.data.map((_, k) => value.data[places[k]!]!) };
    }
    if (axes[0] !== 0) throw site.refuse('moves the batch', 'perm 0, …');
    const places = placesOf(site, shape, axes, sampleSize(value));
    const order = places.map((place) => value.order?.[place] ?? place);
    const { order: _, padding, ...rest } = value;
    return {
      ...rest,
      shape: turned,
      ...(order.some((place, k) => place !== k) && { order }),
      ...(padding && {
        padding: {
          before: axes.map((axis) => padding.before[axis]!),
          behind: axes.map((axis) => padding.behind[axis]!),
        },
      }),
    };
  },
};

/** By element of what comes out its place in what goes in, for the first so many elements. */
function placesOf({ net }: OperatorSite, shape: readonly number[], axes: readonly number[], count: number): Int32Array {
  net.take(count);
  const strides = stridesOf(shape);
  return Int32Array.from({ length: count }, (_, k) => {
    let [rest, place] = [k, 0];
    for (let axis = axes.length - 1; axis >= 0; axis--) {
      const size = shape[axes[axis]!]!;
      place += (rest % size) * strides[axes[axis]!]!;
      rest = Math.floor(rest / size);
    }
    return place;
  });
}
