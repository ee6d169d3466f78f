import { type Model, SpikewireError } from '@spikewire/models';
import type { Executor } from '../executor/executor.ts';
import type { Outcome } from '../session/session.ts';
import { Correlation } from './correlation.ts';
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
  readonly #correlation = new Correlation();
  #answers = 0;
  #squares = 0;
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
      this.#answers++;
      this.#squares += (value - target[k]!) ** 2;
      this.#correlation.add(value, target[k]!);
    }
  }

  evaluation(): NumbersEvaluation {
    if (this.#answers === 0)
      throw new SpikewireError('input', this.#name, 'has no sample that this net answers', 'one at least');
    return {
      correlation: this.#correlation.value ?? 0,
      error: Math.sqrt(this.#squares / this.#answers),
      samples: this.#samples,
      unanswered: this.#unanswered,
      spikesPerSample: this.#spikes / this.#samples,
      synapticOpsPerSample: this.#operations / this.#samples,
    };
  }
}
