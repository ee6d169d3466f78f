import { INT32, INT64 } from '../../tensor.ts';
import type { OnnxOperator } from './operator.ts';
import { isSignal } from './value.ts';

/** What is nothing after training: one value goes on as it is. */
export const identity: OnnxOperator = {
  types: ['Identity', 'Dropout', 'Cast'],
  keepsAnswers: true,
  takesPadding: true,
  apply(site) {
    if (site.inputs[2] !== undefined && site.constant(2).data[0] !== 0) {
      throw site.refuse('drops out numbers', 'training_mode false');
    }
    const value = site.value(0);
    if (site.node.operator !== 'Cast' || isSignal(value)) return value;
    const type = site.integer('to', value.type);
    return { ...value, type, data: type === INT32 || type === INT64 ? value.data.map(Math.trunc) : value.data };
  },
};
