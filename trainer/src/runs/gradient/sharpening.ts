import type { JsonValue, Model } from '@spikewire/models';
import type { EpochRecord } from '../history.ts';
import type { BatchReport, Run, RunState } from '../run.ts';
import type { GradientRun } from './gradient.ts';
import type { Sharpener, SharpenerState } from './sharpener.ts';

interface Progress {
  readonly sharpener: SharpenerState;
  readonly run: JsonValue;
}

export interface SharpeningOptions {
  /** A training whose nodes have an array each for how sharp they are. */
  readonly run: GradientRun;
  readonly sharpener: Sharpener;
  /** The names of these arrays, from the input to the output. */
  readonly arrays: readonly string[];
  /** What the net is once everything is sharp. */
  finish(model: Model): Model;
}

/** Training by gradient while activations become steps; it ends with the epoch in which all of them are. */
export class SharpeningRun implements Run {
  readonly samples: Run['samples'];
  readonly #options: SharpeningOptions;
  #history: readonly EpochRecord[] = [];

  constructor(options: SharpeningOptions) {
    this.#options = options;
    this.samples = options.run.samples;
  }

  get history(): readonly EpochRecord[] {
    return this.#history;
  }

  get finished(): boolean {
    return this.#options.sharpener.finished;
  }

  get epochs(): number {
    return this.#options.sharpener.epochs;
  }

  get warnings(): readonly string[] {
    return this.#options.run.warnings;
  }

  async step(): Promise<BatchReport> {
    const { run, sharpener } = this.#options;
    sharpener.share = run.nextShare;
    this.#sharpen();
    const report = await run.step();
    if (run.history.length > this.#history.length) {
      sharpener.endEpoch(run.history.at(-1)!.training.loss);
      this.#count();
    }
    return report;
  }

  save(): RunState {
    const { run, sharpener } = this.#options;
    const { arrays, progress } = run.save();
    return { arrays, progress: { run: progress, sharpener: sharpener.state } as unknown as JsonValue };
  }

  async restore({ arrays, progress }: RunState, path: string): Promise<void> {
    const { run, sharpener } = this.#options;
    const { run: own, sharpener: state } = progress as unknown as Progress;
    await run.restore({ arrays, progress: own }, path);
    sharpener.state = state;
    this.#count();
  }

  model({ arrays, progress }: RunState): Model {
    const { run, finish } = this.#options;
    return finish(run.model({ arrays, progress: (progress as unknown as Progress).run }));
  }

  close(): Promise<void> {
    return this.#options.run.close();
  }

  /** Takes over the epochs of the training; only the last one has nothing left to sharpen. */
  #count(): void {
    const { run, sharpener } = this.#options;
    const { length } = run.history;
    this.#history = run.history.map((record, k) =>
      sharpener.finished && k === length - 1 ? record : { ...record, pending: true },
    );
  }

  #sharpen(): void {
    const { run, sharpener, arrays } = this.#options;
    for (const [layer, sharpness] of sharpener.sharpness.entries()) {
      run.arrays.current[arrays[layer]!]!.fill(sharpness);
    }
  }
}
