import { type Model, SpikewireError } from '@spikewire/models';
import type { LabelledSamples } from 'spikewire/data';
import type { EpochRecord } from './history.ts';
import type { BatchReport, MethodSite, Run, RunState } from './run.ts';
import { scoreOn, splitForValidation } from './validation.ts';

export interface ConversionRunOptions extends Pick<MethodSite, 'data' | 'seed'> {
  /** The spiking model for so many steps of a sample: what the method makes of the analogue one. */
  readonly spiking: (steps: number) => Model;
  /** The steps that are tried, fewest first. */
  readonly sweep: readonly number[];
}

/** Name of the steps among the arrays of a state. */
const STEPS = 'steps';

/**
 * Conversion: the method has made a spiking net of an analogue one; the run tries it with more and more steps of a
 * sample on the validation samples, each as an epoch, and ends with the fewest that do best.
 */
export class ConversionRun implements Run {
  readonly warnings: readonly string[] = [];
  readonly samples: { readonly learned: LabelledSamples; readonly validation: LabelledSamples };
  #history: readonly EpochRecord[] = [];
  readonly #options: ConversionRunOptions;

  constructor(options: ConversionRunOptions) {
    this.#options = options;
    this.samples = splitForValidation(options.data);
  }

  get history(): readonly EpochRecord[] {
    return this.#history;
  }

  get epochs(): number {
    return this.#options.sweep.length;
  }

  get finished(): boolean {
    return this.#history.length >= this.epochs;
  }

  async step(): Promise<BatchReport> {
    const epoch = this.#history.length + 1;
    const { spiking, sweep, seed, data } = this.#options;
    const steps = sweep[epoch - 1]!;
    const model = spiking(steps);
    const { validation } = this.samples;
    const { score, spikesPerSample } = await scoreOn(model, validation, data, seed);
    const figures = { steps, spikesPerSample };
    this.#history = [...this.#history, { epoch, training: score, validation: score, figures }];
    return { epoch, batch: 1, batches: 1, size: validation.samples.length, score };
  }

  save(): RunState {
    const steps = this.#history.at(-1)?.figures?.steps ?? 0;
    return {
      arrays: { [STEPS]: Int32Array.of(steps) },
      progress: { history: this.#history } as unknown as RunState['progress'],
    };
  }

  async restore({ arrays, progress }: RunState, path: string): Promise<void> {
    if (arrays[STEPS]?.length !== 1) {
      throw new SpikewireError('file', path, `has no "${STEPS}"`, 'a checkpoint of a conversion');
    }
    this.#history = (progress as unknown as { history: readonly EpochRecord[] }).history;
  }

  model({ arrays }: RunState): Model {
    return this.#options.spiking(arrays[STEPS]![0]!);
  }

  async close(): Promise<void> {}
}
