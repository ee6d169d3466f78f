import type { OnnxOperator } from '../operator.ts';

/** Probabilities or the class itself: the decoder names the class by the numbers in front of them. */
export const answer: OnnxOperator = {
  types: ['Softmax', 'LogSoftmax', 'ArgMax'],
  apply(site) {
    const signal = site.signal(0);
    const rank = signal.shape.length;
    const axis = site.axis(site.integer('axis', site.node.operator === 'ArgMax' ? 0 : site.opset < 13 ? 1 : -1), rank);
    const others = signal.shape.filter((size, k) => k !== axis && k > 0 && size !== 1);
    if (axis === 0 || others.length > 0)
      throw site.refuse(`goes along axis ${axis}`, 'that of the classes, and no other');
    site.net.notes.add(`${site.node.operator} is left out: the class is that of the largest number in front of it`);
    return { ...signal, answer: site.node.operator };
  },
};
