import type { OnnxOperator } from './operator.ts';
import { hasPlaces } from './value.ts';

/** Probabilities or the class itself: the decoder names the class by the numbers in front of them. */
export const answer: OnnxOperator = {
  types: ['Softmax', 'LogSoftmax', 'ArgMax', 'Sigmoid'],
  apply(site) {
    const signal = site.signal(0);
    const { operator } = site.node;
    const preset = operator === 'ArgMax' ? 0 : site.opset < 13 ? 1 : -1;
    const axis = operator === 'Sigmoid' ? 1 : site.axis(site.integer('axis', preset), signal.shape.length);
    const isOfClasses = signal.shape.every((size, k) => k === axis || k === 0 || size === 1);
    const isOfPlaces = axis === 1 && operator !== 'ArgMax' && hasPlaces(signal);
    if (axis === 0 || !(isOfClasses || isOfPlaces)) {
      throw site.refuse(`goes along axis ${axis}`, 'the axis of the classes');
    }
    const meaning = isOfClasses ? 'the class with the largest number is the answer' : 'the answer is the numbers';
    if (operator !== 'Sigmoid' && signal.shape[axis] === 1) {
      throw site.refuse('goes over one channel, and is the same for all', 'Sigmoid');
    }
    site.net.notes.add(`${operator} is left out: ${meaning} in front of it`);
    const shape = isOfClasses ? [signal.shape[0]!, signal.shape[axis]!] : signal.shape;
    return { ...signal, shape, answer: operator };
  },
};
