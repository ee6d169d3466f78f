import { SpikewireError, sourceOf } from 'spikewire';
import { recordingsIn } from '../record/recordings.ts';
import type { Classifier } from './classifier.ts';
import { trainBeside, trainerProgram } from './train-beside.ts';
import { trainHere } from './train-here.ts';
import type { TrainingFigures } from './training-figures.ts';

export interface TrainingSettings {
  /** Of the recordings. */
  readonly folder: string;
  /** Single readings in a window of a trained net; undefined: as many as there are, up to 32. */
  readonly samples: number | undefined;
  /** A trainer beside Node-RED where one is installed, or the device itself. */
  readonly by: 'trainer' | 'device';
  /** Whether another node trains at the moment. */
  readonly isBusy: () => boolean;
}

export interface TrainingState {
  readonly running: boolean;
  /** From 0 to 1. */
  readonly share: number;
  /** Of the last one that came to its end. */
  readonly figures?: TrainingFigures | undefined;
  /** Why the last one has not. */
  readonly problem?: string | undefined;
  /** Whether there is a trainer. */
  readonly trainer: boolean;
}

/** Learning from recordings, one at a time: the net of a node is another one afterwards, or the same where it fails. */
export class ClassTraining {
  readonly #classifier: Classifier;
  readonly #settings: TrainingSettings;
  readonly #changed: (state: TrainingState) => void;
  readonly #program = trainerProgram();
  #running: { readonly abort: AbortController; readonly ended: Promise<unknown> } | undefined;
  #share = 0;
  #figures: TrainingFigures | undefined;
  #problem: string | undefined;

  constructor(classifier: Classifier, settings: TrainingSettings, changed: (state: TrainingState) => void) {
    this.#classifier = classifier;
    this.#settings = settings;
    this.#changed = changed;
  }

  get state(): TrainingState {
    return {
      running: this.#running !== undefined,
      share: this.#share,
      figures: this.#figures,
      problem: this.#problem,
      trainer: this.#program !== undefined,
    };
  }

  /** Learns from the recordings, and goes on with what came of it. Rejects where one runs, or with why it failed. */
  async start(): Promise<TrainingFigures> {
    if (this.#running !== undefined || this.#settings.isBusy())
      throw new SpikewireError(
        'budget',
        'training',
        'is running already, here or in another node',
        'one training at a time, or the command cancel',
      );
    const abort = new AbortController();
    const training = this.#train(abort.signal);
    this.#running = { abort, ended: training.catch(() => {}) };
    [this.#share, this.#figures, this.#problem] = [0, undefined, undefined];
    this.#changed(this.state);
    try {
      this.#figures = await training;
      return this.#figures;
    } catch (failure) {
      const problem = abort.signal.aborted
        ? new SpikewireError('unsupported', 'training', 'was cancelled', undefined, failure)
        : (failure as Error);
      this.#problem = problem.message;
      throw problem;
    } finally {
      this.#running = undefined;
      this.#changed(this.state);
    }
  }

  async #train(signal: AbortSignal): Promise<TrainingFigures> {
    const { folder, samples, by } = this.#settings;
    const recordings = await recordingsIn(folder);
    const onProgress = (share: number) => {
      this.#share = share;
      this.#changed(this.state);
    };
    const { per, device, threads, model } = this.#classifier.settings;
    // A trainer makes another net; that of a file which somebody chose learns here.
    if (by === 'trainer' && this.#program !== undefined && model === undefined) {
      const about = { program: this.#program, folder, recordings, samples, work: this.#classifier.trainingFolder };
      const { bytes, shape, figures } = await trainBeside({ ...about, signal, onProgress });
      await this.#classifier.load(bytes, shape);
      return figures;
    }
    if (per === 'topic') {
      const problem = 'can teach one net, not one for each topic';
      throw new SpikewireError('unsupported', 'training on this device', problem, sourceOf('@spikewire/trainer'));
    }
    const modelFor = (shape: Parameters<Classifier['learner']>[0]) => this.#classifier.learner(shape);
    const { bytes, shape, state, figures } = await trainHere({
      recordings,
      modelFor,
      device,
      threads,
      signal,
      onProgress,
    });
    await this.#classifier.load(bytes, shape);
    await this.#classifier.goOnFrom(state);
    return figures;
  }

  /** Ends the training that runs, where one does; the net stays as it is. */
  async cancel(): Promise<boolean> {
    const running = this.#running;
    running?.abort.abort();
    await running?.ended;
    return running !== undefined;
  }
}
