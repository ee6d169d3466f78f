import { setImmediate as otherEvents } from 'node:timers/promises';
import { RandomGenerator, SpikewireError } from '@spikewire/models';
import type { DataSet, LabelledSamples } from 'spikewire/data';
import type { Backend, Executable } from '../backend/backend.ts';
import { holdOut } from '../data/hold-out.ts';
import { type ChannelRanges, rangesOf } from '../encoding/channel-ranges.ts';
import { named } from '../named.ts';
import type { NetworkPlan } from '../network/network.ts';
import { adamStepSize } from '../optimisers/adam.ts';
import type { Schedule } from '../schedules/schedule.ts';
import { schedules } from '../schedules/schedules.ts';
import { BatchBuffer, orderOf } from './batches.ts';
import { planOf, type TrainingConfiguration } from './configuration.ts';
import { refuseDivergence } from './divergence.ts';
import { LearnedArrays } from './learned-arrays.ts';
import { forwardProgram, gradientLengthOf, trainingProgram } from './programs.ts';
import { bestOf, type EpochRecord, START, type TrainingProgress } from './progress.ts';
import { type Score, Tally } from './tally.ts';

/** Of the training samples every twelfth of a class chooses the best epoch and is not learned. */
const VALIDATION_SHARE = 12;

/** Where a running epoch is. */
export interface BatchReport {
  readonly epoch: number;
  readonly batch: number;
  readonly batches: number;
  /** Samples of a batch. */
  readonly size: number;
  /** Of the epoch so far. */
  readonly score: Score;
}

export interface TrainingHooks {
  /** Aborted: training stops after the step. */
  readonly signal?: AbortSignal;
  onBatch?(report: BatchReport): void;
  /** Called after each epoch, when everything is in its new state. */
  onEpoch?(record: EpochRecord): Promise<void>;
}

/** A training that runs, stops, and goes on: one program per step on a backend, the learned arrays and the progress beside it. */
export class Training {
  readonly plan: NetworkPlan;
  readonly ranges: ChannelRanges;
  readonly arrays: LearnedArrays;
  /** Samples that are learned, and those that choose the best epoch. */
  readonly samples: { readonly learned: LabelledSamples; readonly validation: LabelledSamples };
  progress: TrainingProgress = START;
  readonly #configuration: TrainingConfiguration;
  readonly #classes: number;
  readonly #schedule: Schedule;
  readonly #buffer: BatchBuffer;
  readonly #outputs: Record<string, Float32Array>;
  readonly #step: Executable;
  readonly #forward: Executable;

  private constructor(
    configuration: TrainingConfiguration,
    classes: number,
    parts: Pick<Training, 'plan' | 'ranges' | 'samples'> & { step: Executable; forward: Executable; batch: number },
  ) {
    this.#configuration = configuration;
    this.#classes = classes;
    this.#schedule = named('schedule', schedules, configuration.recipe.schedule);
    this.plan = parts.plan;
    this.ranges = parts.ranges;
    this.samples = parts.samples;
    this.arrays = new LearnedArrays(parts.plan, configuration.seed);
    this.#buffer = new BatchBuffer(parts.plan, parts.ranges, parts.batch, classes);
    this.#step = parts.step;
    this.#forward = parts.forward;
    this.#outputs = { loss: new Float32Array(1), logits: new Float32Array(parts.batch * classes) };
    for (const { name } of this.arrays.parameters) this.#outputs[gradientLengthOf(name)] = new Float32Array(1);
  }

  /**
   * Prepares a training of a set's training samples. Rejects with `usage` for a configuration that does not fit the data, and with
   * `input` for too few samples.
   */
  static async open(configuration: TrainingConfiguration, data: DataSet, backend: Backend): Promise<Training> {
    const whole = data.training ?? data;
    const inputShape = data.shape ?? [whole.samples[0]!.length];
    const plan = planOf(configuration, { inputShape, classes: data.classes.length });
    const { kept: learned, held: validation } = holdOut(whole, VALIDATION_SHARE);
    if (validation.samples.length === 0) {
      const problem = `has ${whole.samples.length} samples to learn from`;
      throw new SpikewireError('input', data.name, problem, `${VALIDATION_SHARE} of a class at least`);
    }
    const batch = Math.min(configuration.recipe.batch, learned.samples.length);
    const [step, forward] = await Promise.all([
      backend.compile(trainingProgram(plan, batch)),
      backend.compile(forwardProgram(plan, batch)),
    ]);
    const parts = { plan, ranges: rangesOf(whole, data), samples: { learned, validation }, step, forward, batch };
    return new Training(configuration, data.classes.length, parts);
  }

  /** Whether all epochs are done, or the last ones brought nothing. */
  get finished(): boolean {
    const { epochs, history } = this.progress;
    const sinceBest = epochs - (bestOf(history)?.epoch ?? 0);
    return epochs >= this.#configuration.epochs || sinceBest >= this.#configuration.recipe.patience;
  }

  get batchesPerEpoch(): number {
    return Math.floor(this.samples.learned.samples.length / this.#buffer.size);
  }

  /** Trains until it is finished or stopped. Rejects with `learning` where the loss is no longer a number. */
  async run(hooks: TrainingHooks = {}): Promise<void> {
    while (!this.finished) {
      await this.#runEpoch(hooks);
      if (hooks.signal?.aborted) return;
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#step.close(), this.#forward.close()]);
  }

  /** The rest of the epoch that is under way. */
  async #runEpoch({ signal, onBatch, onEpoch }: TrainingHooks): Promise<void> {
    const epoch = this.progress.epochs + 1;
    const order = orderOf(this.samples.learned.samples.length, this.#configuration.seed, epoch);
    const tally = new Tally(this.progress.tally);
    for (let batch = this.progress.batches; batch < this.batchesPerEpoch; batch++) {
      if (signal?.aborted) return;
      const places = order.subarray(batch * this.#buffer.size, (batch + 1) * this.#buffer.size);
      await this.#takeStep(places, new RandomGenerator(this.#configuration.seed, `input of ${epoch}.${batch}`));
      tally.add(this.#buffer.size, this.#outputs.logits!, this.#buffer.targets, this.#classes);
      this.progress = { ...this.progress, batches: batch + 1, tally: tally.sums, steps: this.progress.steps + 1 };
      onBatch?.({
        epoch,
        batch: batch + 1,
        batches: this.batchesPerEpoch,
        size: this.#buffer.size,
        score: tally.score,
      });
      await otherEvents();
    }
    const record = {
      epoch,
      learningRate: this.#rateAt(this.progress.steps),
      training: tally.score,
      validation: await this.score(this.samples.validation),
    };
    const history = [...this.progress.history, record];
    this.progress = { ...START, epochs: epoch, steps: this.progress.steps, history };
    await onEpoch?.(record);
  }

  async #takeStep(places: Uint32Array, random: RandomGenerator): Promise<void> {
    const step = this.progress.steps + 1;
    this.#buffer.fill(this.samples.learned, places, random);
    const { input, targets } = this.#buffer;
    const stepSize = Float32Array.of(adamStepSize(this.#rateAt(step), step));
    const outputs = { ...this.#outputs, ...this.arrays.next };
    await this.#step.run({ input, targets, stepSize, ...this.arrays.current }, outputs);
    refuseDivergence(outputs, this.arrays.parameters, step);
    this.arrays.advance();
  }

  #rateAt(step: number): number {
    const { epochs, recipe } = this.#configuration;
    return recipe.learningRate * this.#schedule.factor((step - 1) / (epochs * this.batchesPerEpoch));
  }

  /** Loss and accuracy on samples with the parameters as they are. */
  async score(samples: LabelledSamples): Promise<Score> {
    const tally = new Tally();
    const random = new RandomGenerator(this.#configuration.seed, 'input of validation');
    const { input, targets, size } = this.#buffer;
    const logits = new Float32Array(size * this.#classes);
    for (let start = 0; start < samples.samples.length; start += size) {
      const rows = Math.min(size, samples.samples.length - start);
      this.#buffer.fill(
        samples,
        Array.from({ length: rows }, (_, row) => start + row),
        random,
      );
      await this.#forward.run({ input, ...this.arrays.current }, { logits });
      tally.add(rows, logits, targets, this.#classes);
    }
    return tally.score;
  }
}
