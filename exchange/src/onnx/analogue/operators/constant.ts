import { FLOAT, INT64 } from '../../tensor.ts';
import type { OnnxOperator } from '../operator.ts';
import type { Constant } from '../value.ts';

/** A constant that stands among the nodes. */
export const constant: OnnxOperator = {
  types: ['Constant'],
  apply(site): Constant {
    const tensor = site.tensor('value');
    if (tensor !== undefined) return tensor;
    for (const [suffix, type] of [
      ['float', FLOAT],
      ['int', INT64],
    ] as const) {
      if (site.node.attributes.has(`value_${suffix}s`)) {
        const list = (type === FLOAT ? site.floats('value_floats') : site.integers('value_ints')) ?? [];
        return { shape: [list.length], type, data: Float64Array.from(list) };
      }
      if (site.node.attributes.has(`value_${suffix}`)) {
        const value = type === FLOAT ? site.float('value_float', 0) : site.integer('value_int', 0);
        return { shape: [], type, data: Float64Array.of(value) };
      }
    }
    throw site.refuse('has no numbers', 'value, value_float or value_int');
  },
};
