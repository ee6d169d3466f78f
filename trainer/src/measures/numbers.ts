import { answeredNumbers, type Numbers, pairsOf } from './answered-numbers.ts';
import { measure } from './measure.ts';

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
    agreement: (share) => `its numbers explain ${share} of those of the non-spiking net`,
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
    const pairs = pairsOf(answers, wanted);
    const means = meansOf(pairs.map(([, wanted]) => wanted));
    const error = pairs.reduce((sum, [answer, wanted]) => sum + squaredDistance(answer, wanted), 0);
    const spread = pairs.reduce((sum, [, wanted]) => sum + squaredDistance(wanted, means), 0);
    return spread === 0 ? Number(error === 0) : 1 - error / spread;
  },
});

export function squaredDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += (a[k]! - b[k]!) ** 2;
  return sum;
}

function meansOf(answers: readonly ArrayLike<number>[]): Float64Array {
  const size = answers[0]?.length ?? 0;
  return Float64Array.from({ length: size }, (_, k) => {
    return answers.reduce((sum, answer) => sum + answer[k]!, 0) / answers.length;
  });
}
