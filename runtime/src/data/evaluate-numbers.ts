import type { DataSet } from '@spikewire/engine/data';
import { Correlation } from '@spikewire/engine/data';
import type { Executor } from '@spikewire/engine/executor';
import { areMasks, type Model, overlapOf, SpikewireError } from '@spikewire/models';
import type { Outcome } from '../session/outcome.ts';
import { answerAll, type EvaluateOptions, type SampleCost } from './evaluate.ts';

/** How near answers that are numbers come to those wanted. */
export interface NumbersEvaluation extends SampleCost {
  /** Samples without an answer, because an automatic range was still being found; the rest is compared. */
  readonly unanswered: number;
  /** Of all numbers of all answers with those wanted (Pearson), −1…1; 0 where either never changes. */
  readonly correlation: number;
  /** Root of the mean squared difference. */
  readonly error: number;
  /** Where all that is wanted are masks: the mean over the samples of intersection over union with them, 0…1. */
  readonly overlap?: number;
}

export interface EvaluateNumbersOptions extends EvaluateOptions {
  /** Told of each sample that is answered, by the index of its row. */
  readonly onNumbers?: (index: number, numbers: Float64Array) => void;
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
  options: EvaluateNumbersOptions = {},
): Promise<NumbersEvaluation> {
  const { targets = [], name } = data;
  const tally = new NumbersTally(name, areMasks(targets));
  const multiplications = await answerAll(model, executor, data, options, {
    begin(outputs) {
      const other = targets.find(({ length }) => length !== outputs);
      if (targets.length > 0 && other === undefined) return;
      throw new SpikewireError('input', name, `has targets of ${other?.length ?? 'no'} numbers`, `${outputs}`);
    },
    add(outcome, index) {
      tally.add(outcome, targets[index]!);
      if (outcome.result instanceof Float64Array) options.onNumbers?.(index, outcome.result);
    },
  });
  return tally.evaluation(multiplications);
}

class NumbersTally {
  readonly #name: string;
  readonly #correlation = new Correlation();
  readonly #areMasks: boolean;
  #answers = 0;
  #squares = 0;
  #samples = 0;
  #unanswered = 0;
  #overlap = 0;
  #spikes = 0;
  #operations = 0;

  constructor(name: string, areMasks: boolean) {
    this.#name = name;
    this.#areMasks = areMasks;
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
    if (this.#areMasks && result !== undefined) this.#overlap += overlapOf(result, target);
    for (const [k, value] of result?.entries() ?? []) {
      this.#answers++;
      this.#squares += (value - target[k]!) ** 2;
      this.#correlation.add(value, target[k]!);
    }
  }

  evaluation(multiplications: number): NumbersEvaluation {
    if (this.#answers === 0)
      throw new SpikewireError('input', this.#name, 'has no sample to which this net gives an answer', 'one at least');
    return {
      correlation: this.#correlation.value ?? 0,
      error: Math.sqrt(this.#squares / this.#answers),
      ...(this.#areMasks && { overlap: this.#overlap / (this.#samples - this.#unanswered) }),
      samples: this.#samples,
      unanswered: this.#unanswered,
      spikesPerSample: this.#spikes / this.#samples,
      synapticOpsPerSample: this.#operations / this.#samples,
      multiplicationsPerSample: multiplications / this.#samples,
    };
  }
}
