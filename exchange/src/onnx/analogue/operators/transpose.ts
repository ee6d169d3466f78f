import type { OnnxOperator } from './operator.ts';
import { placeOf, stridesOf } from './strides.ts';
import { isSignal, sampleSize, type Value } from './value.ts';

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
    const strides = stridesOf(shape);
    const from = axes.map((axis) => strides[axis]!);
    if (!isSignal(value)) {
      site.net.take(value.data.length);
      return { ...value, shape: turned, data: value.data.map((_, k) => value.data[placeOf(k, turned, from)]!) };
    }
    if (axes[0] !== 0) throw site.refuse('moves the batch', 'perm 0, …');
    const size = sampleSize(value);
    site.net.take(size);
    const order = Int32Array.from({ length: size }, (_, k) => {
      const place = placeOf(k, turned, from);
      return value.order?.[place] ?? place;
    });
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
