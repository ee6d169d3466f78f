import { FLOAT, INT64 } from '../../tensor.ts';
import type { OnnxOperator } from './operator.ts';
import type { Constant } from './value.ts';

/** A constant that stands among the nodes. */
export const constant: OnnxOperator = {
  types: ['Constant'],
  apply(site): Constant {
    const tensor = site.tensor('value');
    if (tensor !== undefined) return tensor;
    const { attributes } = site.node;
    const [floats, integers] = [site.floats('value_floats'), site.integers('value_ints')];
    if (floats !== undefined) return numbers(FLOAT, floats);
    if (attributes.has('value_float')) return numbers(FLOAT, [site.float('value_float', 0)], []);
    if (integers !== undefined) return numbers(INT64, integers);
    if (attributes.has('value_int')) return numbers(INT64, [site.integer('value_int', 0)], []);
    throw site.refuse('has no numbers', 'value, value_float or value_int');
  },
};

const numbers = (type: number, list: readonly number[], shape = [list.length]): Constant => ({
  shape,
  type,
  data: Float64Array.from(list),
});
