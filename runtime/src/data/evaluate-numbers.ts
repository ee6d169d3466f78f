import { type Model, SpikewireError } from '@spikewire/models';
import type { Executor } from '../executor/executor.ts';
import type { Outcome } from '../session/session.ts';
import type { DataSet } from './data-set.ts';
import { answerAll, type EvaluateOptions, type Evaluation } from './evaluate.ts';

/** How near answers that are numbers come to those wanted. */
export interface NumbersEvaluation extends Pick<Evaluation, 'samples' | 'spikesPerSample' | 'synapticOpsPerSample'> {
  /** Samples without an answer, because an automatic range was still being found; the rest is compared. */
  readonly unanswered: number;
  /** Of all numbers of all answers with those wanted (Pearson), −1…1; 0 where either never changes. */
  readonly correlation: number;
  /** Root of the mean squared difference. */
  readonly error: number;
}

/**
 * Runs samples with `targets` through a net, learning off, and compares its numbers with them. Closes the executor.
 *
 * @throws `unsupported` where the net names classes, `input` where samples or targets do not fit it
 */
export async function evaluateNumbers(
  model: Model,
  executor: Executor,
  data: DataSet,
  options: EvaluateOptions = {},
): Promise<NumbersEvaluation> {
  const { targets = [], name } = data;
  const tally = new NumbersTally(name);
  await answerAll(model, executor, data, options, {
    begin(outputs) {
      const other = targets.find(({ length }) => length !== outputs);
      if (targets.length > 0 && other === undefined) return;
      throw new SpikewireError('input', name, `has targets of ${other?.length ?? 'no'} numbers`, `${outputs}`);
    },
    add: (outcome, index) => tally.add(outcome, targets[index]!),
  });
  return tally.evaluation();
}

class NumbersTally {
  readonly #name: string;
  readonly #answers: number[] = [];
  readonly #targets: number[] = [];
  #samples = 0;
  #unanswered = 0;
  #spikes = 0;
  #operations = 0;

  constructor(name: string) {
    this.#name = name;
  }

  add({ result, spikes, synapticOperations }: Outcome, target: ArrayLike<number>): void {
    if (typeof result === 'string') {
      const wanted = 'one whose decoder answers with numbers';
      throw new SpikewireError('unsupported', 'eval', 'this net names classes', wanted);
    }
    this.#samples++;
    this.#spikes += spikes;
    this.#operations += synapticOperations;
    if (result === undefined) this.#unanswered++;
    for (const [k, value] of result?.entries() ?? []) {
      this.#answers.push(value);
      this.#targets.push(target[k]!);
    }
  }

  evaluation(): NumbersEvaluation {
    const [answers, targets] = [this.#answers, this.#targets];
    if (answers.length === 0)
      throw new SpikewireError('input', this.#name, 'has no sample that this net answers', 'one at least');
    const squares = answers.reduce((sum, value, k) => sum + (value - targets[k]!) ** 2, 0);
    return {
      correlation: correlationOf(answers, targets),
      error: Math.sqrt(squares / answers.length),
      samples: this.#samples,
      unanswered: this.#unanswered,
      spikesPerSample: this.#spikes / this.#samples,
      synapticOpsPerSample: this.#operations / this.#samples,
    };
  }
}

function correlationOf(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  let [both, ofA, ofB] = [0, 0, 0];
  for (const [k, value] of a.entries()) {
    const [x, y] = [value - meanA, b[k]! - meanB];
    both += x * y;
    ofA += x * x;
    ofB += y * y;
  }
  return ofA > 0 && ofB > 0 ? both / Math.sqrt(ofA * ofB) : 0;
}
