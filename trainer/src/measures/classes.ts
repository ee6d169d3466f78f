import type { DataSet } from '@spikewire/engine/data';
import { evaluate } from 'spikewire/data';
import { measure } from './measure.ts';

/** The answer of a row of which features have not yet made a sample of the net. */
const PENDING = -2;

/** Share of the samples whose class is named. An answer is the index of a class of the data; −1 where none is named. */
export const classes = measure<Int32Array>({
  figure: 'accuracy',
  words: {
    title: 'Accuracy',
    column: 'right',
    beside: 'as the analogue net',
    worth: (share) => `${share} right`,
    agreement: (share) => `${share} of its answers are those of the non-spiking net`,
    compared: 'How often each names what the analogue net does',
  },
  enough: 0.99,
  async answer(model, executor, data, options) {
    const answers = new Int32Array(data.samples.length).fill(PENDING);
    const found = await evaluate(model, executor, data, {
      ...options,
      onAnswer(index, answer) {
        answers[index] = answer;
      },
    });
    return { ...found, answers };
  },
  wanted: ({ labels }) => labels,
  naive: ({ classes, labels }: DataSet) => {
    const sizes = classes.map((_, k) => labels.filter((label) => label === k).length);
    const most = sizes.indexOf(Math.max(...sizes));
    return { name: 'always the most frequent class', answers: new Int32Array(labels.length).fill(most) };
  },
  alike(answers, wanted) {
    const given = answers.filter((answer) => answer !== PENDING).length;
    return answers.filter((answer, k) => answer === wanted[k] && answer !== PENDING).length / given;
  },
});
