import type { DataSet, LabelledSamples } from '@spikewire/engine/data';
import { type JsonValue, type Model, RandomGenerator, SpikewireError } from '@spikewire/models';
import type { Augment } from '../../augmentations/augmentation.ts';
import type { Backend, Executable, NumberArrays } from '../../backend/backend.ts';
import { ConstraintArrays, finished } from '../../constraints/constrained.ts';
import type { Schedule } from '../../schedules/schedules.ts';
import { BatchBuffer, ordersOf } from '../../training/batches.ts';
import { LearnedArrays } from '../../training/learned-arrays.ts';
import { planOf, type TrainingParts, type TrainingPlan, trainedModel } from '../../training/plan.ts';
import { forwardProgram, gradientLengthOf } from '../../training/programs.ts';
import { openStep, type TrainingStep } from '../../training/step.ts';
import { DrawnArrays } from '../../training-nodes/drawn-arrays.ts';
import { bestOf, type EpochRecord } from '../history.ts';
import { type BatchReport, copied, type Run, type RunState, restoreArrays } from '../run.ts';
import { NOTHING, type Score, type ScoreName, Tally, type TallySums } from '../tally.ts';
import { splitForValidation } from '../validation.ts';
import { refuseDivergence, whyUseless } from './divergence.ts';
import { extentFor } from './extent.ts';

export interface GradientRunOptions extends TrainingParts {
  /** What is trained, from the numbers that it has. */
  readonly model: Model;
  readonly data: DataSet;
  readonly backend: Backend;
  readonly seed: number;
  /** Absent: by the number of samples. */
  readonly epochs?: number | undefined;
  /** Samples per step; absent: likewise. */
  readonly batch?: number | undefined;
  /** The highest of the schedule. */
  readonly learningRate: number;
  readonly schedule: Schedule;
  /** Varies what is learned. */
  readonly augment?: Augment | undefined;
  /** Epochs without a better validation after which the run ends. */
  readonly patience: number;
  /** Told once that the net has become useless. */
  readonly warn?: ((line: string) => void) | undefined;
}

/** Updates of the weights below which a small data set mostly stays where it began. */
const FEW_UPDATES = 200;

/** How far a run is; with the learned arrays all that a checkpoint needs. */
interface Progress {
  /** Batches done of the epoch that is under way, and what they came to. */
  readonly batches: number;
  readonly tally: TallySums;
  /** Steps done in all. */
  readonly steps: number;
  readonly history: readonly EpochRecord[];
  /** Of the first batch, before anything was learned. */
  readonly untrained?: Score;
}

/** Training by gradient: one program per step on a backend, the learned arrays and the progress beside it. */
export class GradientRun implements Run {
  readonly plan: TrainingPlan;
  readonly epochs: number;
  readonly arrays: LearnedArrays;
  readonly samples: { readonly learned: LabelledSamples; readonly validation: LabelledSamples };
  #progress: Progress = { batches: 0, tally: NOTHING, steps: 0, history: [] };
  readonly #options: GradientRunOptions;
  readonly #size: number;
  /** Samples of a step, by its parts. */
  readonly #parts: readonly BatchPart[];
  /** Samples that are only judged. */
  readonly #judged: BatchPart;
  readonly #outputs: NumberArrays;
  readonly #drawn: DrawnArrays;
  readonly #held: ConstraintArrays;
  readonly #step: TrainingStep;
  readonly #forward: Executable;
  readonly #orderOf: (epoch: number) => Uint32Array;

  private constructor(
    options: GradientRunOptions,
    parts: Pick<GradientRun, 'plan' | 'samples' | 'epochs'> & {
      size: number;
      judged: BatchPart;
      step: TrainingStep;
      forward: Executable;
    },
  ) {
    this.#options = options;
    this.plan = parts.plan;
    this.epochs = parts.epochs;
    this.samples = parts.samples;
    this.#orderOf = ordersOf(parts.samples.learned.samples.length, options.seed);
    this.arrays = new LearnedArrays(parts.plan);
    this.#size = parts.size;
    this.#judged = parts.judged;
    this.#parts = parts.step.rooms.map((room, _, { length }) => batchPart(parts.plan, parts.size / length, room));
    this.#drawn = new DrawnArrays(parts.plan.trainingNodes, parts.size);
    this.#held = new ConstraintArrays(parts.plan.constraints);
    this.#step = parts.step;
    this.#forward = parts.forward;
    const names = ['loss', ...this.plan.learned.map(({ name }) => gradientLengthOf(name))];
    this.#outputs = Object.fromEntries(names.map((name) => [name, new Float32Array(1)]));
  }

  /**
   * Prepares a run over a set's training samples. Rejects with `unsupported` or `input` for a model or samples that do
   * not fit.
   */
  static async open(options: GradientRunOptions): Promise<GradientRun> {
    const { model, data, backend } = options;
    const samples = splitForValidation(data);
    const plan = planOf(model, options);
    const { length } = samples.learned.samples;
    const { batch, epochs } = extentFor(length, options);
    const size = Math.min(batch, length);
    checkFit(plan, new BatchBuffer(plan, 1), data);
    // Before anything else is begun, so that what it refuses leaves nothing behind.
    const program = forwardProgram(plan, size);
    const [step, forward] = await Promise.all([openStep(plan, size, backend), backend.compile(program)]);
    const judged = batchPart(plan, size, forward.room);
    return new GradientRun(options, { plan, samples, epochs, size, judged, step, forward });
  }

  get history(): readonly EpochRecord[] {
    return this.#progress.history;
  }

  /** Whether all epochs are done, or the last ones brought nothing. */
  get finished(): boolean {
    const best = bestOf(this.history)?.epoch ?? 0;
    const sinceBest = this.history.filter(({ epoch, pending }) => epoch > best && !pending).length;
    return this.history.length >= this.epochs || sinceBest >= this.#options.patience;
  }

  get scoreName(): ScoreName {
    return this.plan.loss.right === undefined ? 'accuracy' : 'overlap';
  }

  get warnings(): readonly string[] {
    if (this.#steps >= FEW_UPDATES) return [];
    return [`the weights change only ${this.#steps} times in all; a smaller --batch or more --epochs learns more`];
  }

  get beginning(): Model {
    return this.model(this.save());
  }

  /** How much of its epoch is done with the next batch, up to 1. */
  get nextShare(): number {
    return (this.#progress.batches + 1) / this.#batchesPerEpoch;
  }

  get #batchesPerEpoch(): number {
    return Math.floor(this.samples.learned.samples.length / this.#size);
  }

  /** Steps of all epochs. */
  get #steps(): number {
    return this.#batchesPerEpoch * this.epochs;
  }

  async step(): Promise<BatchReport> {
    const epoch = this.history.length + 1;
    const { batches: batch, tally: sums, steps } = this.#progress;
    const size = this.#size;
    const tally = new Tally(sums);
    const order = this.#orderOf(epoch);
    const random = new RandomGenerator(this.#options.seed, `input of ${epoch}.${batch}`);
    await this.#takeStep(order.subarray(batch * size, (batch + 1) * size), random);
    for (const { buffer, outputs } of this.#parts) {
      tally.add(buffer.size, outputs.losses, outputs.answers, buffer.targets, this.plan.loss.right);
    }
    const { untrained = tally.score } = this.#progress;
    this.#progress = { ...this.#progress, batches: batch + 1, tally: tally.sums, steps: steps + 1, untrained };
    const batches = this.#batchesPerEpoch;
    if (batch + 1 === batches) await this.#endEpoch(epoch, tally.score);
    return { epoch, batch: batch + 1, batches, size, score: tally.score };
  }

  save(): RunState {
    return { arrays: copied(this.#lastingArrays), progress: this.#progress as unknown as JsonValue };
  }

  /** All that the next step depends on. */
  get #lastingArrays(): NumberArrays {
    return { ...this.arrays.current, ...this.#held.arrays };
  }

  async restore({ arrays, progress }: RunState, path: string): Promise<void> {
    restoreArrays(this.#lastingArrays, arrays, path);
    this.#progress = progress as unknown as Progress;
  }

  model({ arrays }: RunState): Model {
    return finished(this.plan.constraints, this.#trained(arrays), this.#options.data);
  }

  #trained(arrays: RunState['arrays']): Model {
    const own = Object.entries(arrays).map(([name, array]) => [name, Float32Array.from(array)] as const);
    return trainedModel(this.plan, new Map(own));
  }

  async close(): Promise<void> {
    await Promise.all([this.#step.close(), this.#forward.close()]);
  }

  async #endEpoch(epoch: number, training: Score): Promise<void> {
    const { steps, history } = this.#progress;
    const progress = steps / this.#steps;
    this.#held.set(progress, this.arrays.current, () => this.#trained(this.#lastingArrays));
    const validation = await this.score(this.samples.validation);
    const record = {
      ...{ epoch, training, validation, figures: { learningRate: this.#rateAt(steps) } },
      ...(this.#held.pending(progress) && { pending: true }),
    };
    this.#progress = { ...this.#progress, batches: 0, tally: NOTHING, history: [...history, record] };
    this.#warnWhereUseless();
  }

  /** Of the first such epoch, also where the run goes on later; classes alone have a share that is right by chance. */
  #warnWhereUseless(): void {
    const { labels, targets } = this.samples.learned;
    if (targets !== undefined) return;
    const lines = this.history.map((record) => whyUseless(record, this.#progress.untrained!, labels, this.#size));
    const first = lines.findIndex((line) => line !== undefined);
    if (first === lines.length - 1) this.#options.warn?.(lines[first]!);
  }

  async #takeStep(indices: Uint32Array, random: RandomGenerator): Promise<void> {
    const step = this.#progress.steps + 1;
    for (const [part, { buffer }] of this.#parts.entries()) {
      const own = indices.subarray(part * buffer.size, (part + 1) * buffer.size);
      buffer.fill(this.samples.learned, own, random, this.#options.augment);
    }
    const rate = this.#rateAt(step);
    const sizes = { rate: Float32Array.of(rate), stepSize: Float32Array.of(this.plan.optimiser.stepSize(rate, step)) };
    this.#drawn.draw(this.#options.seed, step);
    this.#held.before(step, this.#steps, this.arrays.current, () => this.#trained(this.#lastingArrays));
    const outputs = { ...this.#outputs, ...this.arrays.next };
    const parts = this.#parts.map(({ buffer, outputs }, part) => {
      return { inputs: { ...buffer.arrays, ...this.#drawn.partOf(part, this.#parts.length) }, outputs };
    });
    await this.#step.run(parts, { inputs: { ...sizes, ...this.#lastingArrays }, outputs });
    refuseDivergence(outputs, this.plan.learned, step);
    this.arrays.advance();
  }

  #rateAt(step: number): number {
    const { learningRate, schedule } = this.#options;
    return learningRate * schedule((step - 1) / this.#steps);
  }

  /** Loss and accuracy on samples with the parameters as they are. */
  async score(samples: LabelledSamples): Promise<Score> {
    const tally = new Tally();
    const { buffer, outputs } = this.#judged;
    const { size, targets } = buffer;
    for (let start = 0; start < samples.samples.length; start += size) {
      const rows = Math.min(size, samples.samples.length - start);
      const indices = Array.from({ length: rows }, (_, row) => start + row);
      buffer.fill(samples, indices, new RandomGenerator(this.#options.seed, `input of validation ${start}`));
      await this.#forward.run({ ...buffer.arrays, ...this.#lastingArrays }, outputs);
      tally.add(rows, outputs.losses, outputs.answers, targets, this.plan.loss.right);
    }
    return tally.score;
  }
}

/** Samples that go through a program together, and what it says of each. */
interface BatchPart {
  readonly buffer: BatchBuffer;
  readonly outputs: { readonly losses: Float32Array; readonly answers: Float32Array };
}

function batchPart(plan: TrainingPlan, size: number, room: NumberArrays = {}): BatchPart {
  const buffer = new BatchBuffer(plan, size);
  buffer.useRoom(room);
  return { buffer, outputs: { losses: new Float32Array(size), answers: new Float32Array(buffer.targets.length) } };
}

function checkFit({ classes, loss }: TrainingPlan, { channels }: BatchBuffer, data: DataSet): void {
  const numbers = data.samples[0]!.length;
  const refuse = (problem: string, expected: string) => new SpikewireError('input', data.name, problem, expected);
  if (numbers !== channels) throw refuse(`has ${numbers} numbers a sample`, `the ${channels} that the net takes`);
  if (data.targets !== undefined && loss.right === undefined) {
    throw refuse('has numbers for answers', 'classes, or masks and the loss pixels');
  }
  if (data.targets === undefined && loss.right !== undefined) {
    throw refuse('has classes for answers', 'masks, or classes and another loss than pixels');
  }
  const wanted = data.targets?.[0]?.length ?? data.classes.length;
  if (wanted === classes) return;
  throw refuse(
    `has ${wanted} ${data.targets === undefined ? 'classes' : 'numbers for answers'}`,
    `${classes}, the elements of the net's Output`,
  );
}
