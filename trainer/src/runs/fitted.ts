import type { LabelledSamples } from '@spikewire/engine/data';
import type { Model } from '@spikewire/models';
import type { EpochRecord } from './history.ts';
import type { BatchReport, MethodSite, Run, RunState } from './run.ts';
import type { ScoreName } from './tally.ts';
import { scoreNameOn, scoreOn, splitForValidation } from './validation.ts';

export interface FittedRunOptions extends Pick<MethodSite, 'data' | 'seed'> {
  /** Makes the model of the samples that are learned: the same one for the same samples. */
  fit(learned: LabelledSamples): Model;
}

/** A model that comes from its samples at once, by a formula: one epoch, in which the validation samples judge it. */
export class FittedRun implements Run {
  readonly epochs = 1;
  readonly warnings: readonly string[] = [];
  readonly samples: { readonly learned: LabelledSamples; readonly validation: LabelledSamples };
  #history: readonly EpochRecord[] = [];
  readonly #options: FittedRunOptions;
  readonly #model: Model;

  constructor(options: FittedRunOptions) {
    this.#options = options;
    this.samples = splitForValidation(options.data);
    this.#model = options.fit(this.samples.learned);
  }

  get scoreName(): ScoreName {
    return scoreNameOn(this.#options.data);
  }

  get history(): readonly EpochRecord[] {
    return this.#history;
  }

  get finished(): boolean {
    return this.#history.length > 0;
  }

  async step(): Promise<BatchReport> {
    const { seed, data } = this.#options;
    const { validation } = this.samples;
    const { score, spikesPerSample } = await scoreOn(this.#model, validation, data, seed);
    this.#history = [{ epoch: 1, training: score, validation: score, figures: { spikesPerSample } }];
    return { epoch: 1, batch: 1, batches: 1, size: validation.samples.length, score };
  }

  save(): RunState {
    return { arrays: {}, progress: { history: this.#history } as unknown as RunState['progress'] };
  }

  async restore({ progress }: RunState): Promise<void> {
    this.#history = (progress as unknown as { history: readonly EpochRecord[] }).history;
  }

  model(): Model {
    return this.#model;
  }

  async close(): Promise<void> {}
}
