import type { OnnxOperator } from '../operator.ts';

/** What is nothing after training: one value goes on as it is. */
export const identity: OnnxOperator = {
  types: ['Identity', 'Dropout', 'Cast'],
  keepsAnswers: true,
  apply(site) {
    if (site.inputs[2] !== undefined && site.constant(2).data[0] !== 0) {
      throw site.refuse('drops numbers out', 'training_mode false');
    }
    return site.value(0);
  },
};
