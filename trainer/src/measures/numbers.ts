import { answeredNumbers } from './answered-numbers.ts';
import { measure } from './measure.ts';

type Numbers = readonly ArrayLike<number>[];

/**
 * Share of the variance of what is wanted that the answers explain (R²): 1 less the squares of the errors over those of
 * the differences from the mean of each number. 0 is what that mean gives; answers that are worse are below 0.
 */
export const numbers = measure<Numbers>({
  figure: 'explained',
  words: {
    title: 'Explained variance',
    column: 'explained',
    beside: 'of the analogue net',
    worth: (share) => `${share} of the variance explained`,
    agreement: (share) => `its numbers explain ${share} of the analogue net's`,
    compared: 'How much the numbers of each explain of those of the analogue net',
  },
  enough: 0.99,
  answer: (model, executor, data, options) =>
    answeredNumbers(model, executor, data, options, (answer) => Float64Array.from(answer)),
  wanted: ({ targets = [] }) => targets,
  naive({ targets = [], training }) {
    const mean = meansOf(training?.targets ?? targets);
    return { name: 'always the mean', answers: targets.map(() => mean) };
  },
  alike(answers, wanted) {
    const error = squares(answers, (sample, k) => wanted[sample]![k]!);
    const means = meansOf(wanted);
    const spread = squares(wanted, (_, k) => means[k]!);
    return spread === 0 ? Number(error === 0) : 1 - error / spread;
  },
});

function squares(answers: Numbers, other: (sample: number, k: number) => number): number {
  let sum = 0;
  for (const [sample, answer] of answers.entries()) {
    for (let k = 0; k < answer.length; k++) sum += (answer[k]! - other(sample, k)) ** 2;
  }
  return sum;
}

function meansOf(answers: Numbers): Float64Array {
  const size = answers[0]?.length ?? 0;
  return Float64Array.from({ length: size }, (_, k) => {
    return answers.reduce((sum, answer) => sum + answer[k]!, 0) / answers.length;
  });
}
