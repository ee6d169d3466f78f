import { type JsonValue, type Model, readModel, SpikewireError, type TensorData, writeModel } from '@spikewire/models';
import { bestOf, type EpochRecord } from '../history.ts';
import type { BatchReport, Run, RunState } from '../run.ts';

/** What a stage came to, by the state of its best epoch. */
export interface Reached {
  readonly model: Model;
  readonly arrays: RunState['arrays'];
}

/** A run that begins from what the stages before it came to. */
export type Stage = (before: readonly Reached[]) => Promise<Run>;

/** A stage that is over, as it stands in a checkpoint: a model as its file, so that going on is from the same bits. */
interface Finished {
  readonly file: Uint8Array;
  readonly arrays: RunState['arrays'];
}

interface Progress {
  readonly finished: number;
  readonly history: readonly EpochRecord[];
  /** Epochs of the finished stages. */
  readonly before: number;
  readonly now: JsonValue;
  readonly best: JsonValue;
}

type Arrays = Readonly<Record<string, TensorData>>;

/**
 * Several runs, one after the other: an analogue net, say, and then the spiking one that it becomes. Each begins from
 * the best epoch of those before it; epochs are counted through, and only those of the last stage can be the best of
 * all.
 */
export class StagedRun implements Run {
  readonly samples: Run['samples'];
  readonly #stages: readonly Stage[];
  #finished: readonly Finished[] = [];
  #history: readonly EpochRecord[] = [];
  /** Epochs of the finished stages. */
  #before = 0;
  #run: Run;
  /** Of the stage that is under way, at its best epoch. */
  #best: RunState | undefined;

  private constructor(stages: readonly Stage[], first: Run) {
    this.#stages = stages;
    this.#run = first;
    this.samples = first.samples;
  }

  static async open(stages: readonly [Stage, ...Stage[]]): Promise<StagedRun> {
    return new StagedRun(stages, await stages[0]([]));
  }

  get history(): readonly EpochRecord[] {
    return this.#history;
  }

  get finished(): boolean {
    return this.#isLast && this.#run.finished;
  }

  /** Up to the end of the stage that is under way. */
  get epochs(): number {
    return this.#before + this.#run.epochs;
  }

  get scoreName(): Run['scoreName'] {
    return this.#run.scoreName;
  }

  get warnings(): readonly string[] {
    return this.#run.warnings;
  }

  get picture(): Run['picture'] {
    return this.#run.picture;
  }

  get #isLast(): boolean {
    return this.#finished.length === this.#stages.length - 1;
  }

  get preparation(): Run['preparation'] {
    return this.#run.finished && !this.#isLast ? () => this.#goOn() : undefined;
  }

  async step(): Promise<BatchReport> {
    await this.preparation?.();
    const before = this.#before;
    const report = await this.#run.step();
    const { history } = this.#run;
    if (before + history.length > this.#history.length) {
      const record = history.at(-1)!;
      const counted = { ...record, epoch: before + record.epoch, ...(!this.#isLast && { pending: true }) };
      this.#history = [...this.#history, counted];
      if (bestOf(history) === record) this.#best = this.#run.save();
    }
    return { ...report, epoch: before + report.epoch };
  }

  save(): RunState {
    const now = this.#run.save();
    const finished = this.#finished.flatMap(({ file, arrays }, stage) => [
      [`${stage}/model`, file] as const,
      ...entriesUnder(`${stage}/`, arrays),
    ]);
    const best = entriesUnder('best/', this.#best?.arrays ?? {});
    const progress: Progress = {
      finished: this.#finished.length,
      history: this.#history,
      before: this.#before,
      now: now.progress,
      best: this.#best?.progress ?? null,
    };
    return {
      arrays: Object.fromEntries([...finished, ...best, ...entriesUnder('now/', now.arrays)]),
      progress: progress as unknown as JsonValue,
    };
  }

  async restore({ arrays, progress }: RunState, path: string): Promise<void> {
    const { finished, history, before, now, best } = progress as unknown as Progress;
    if (!(finished < this.#stages.length)) {
      throw new SpikewireError('file', path, 'has other stages', `a checkpoint of ${this.#stages.length} stages`);
    }
    const known = Array.from({ length: finished }, (_, stage) => {
      const { model: file, ...own } = under(`${stage}/`, arrays);
      if (file instanceof Uint8Array) return { file, arrays: own };
      throw new SpikewireError('file', path, `has no model of stage ${stage}`, 'a checkpoint of stages');
    });
    // What is of another net does not fit the first stage, which has then done its work.
    const [first] = this.#finished.length === 0 ? known : [];
    if (first !== undefined) await this.#run.restore({ arrays: first.arrays, progress: now }, path);
    const run = finished === this.#finished.length ? this.#run : await this.#stages[finished]!(known.map(reached));
    await run.restore({ arrays: under('now/', arrays), progress: now }, path);
    if (run !== this.#run) await this.#run.close();
    this.#run = run;
    this.#finished = known;
    this.#history = history;
    this.#before = before;
    this.#best = best === null ? undefined : { arrays: under('best/', arrays), progress: best };
  }

  model({ arrays, progress }: RunState): Model {
    return this.#run.model({ arrays: under('now/', arrays), progress: (progress as unknown as Progress).now });
  }

  close(): Promise<void> {
    return this.#run.close();
  }

  async #goOn(): Promise<void> {
    const best = this.#best ?? this.#run.save();
    const finished = [...this.#finished, { file: writeModel(this.#run.model(best)), arrays: best.arrays }];
    const next = await this.#stages[finished.length]!(finished.map(reached));
    await this.#run.close();
    this.#run = next;
    this.#finished = finished;
    this.#before = this.#history.length;
    this.#best = undefined;
  }
}

function reached({ file, arrays }: Finished): Reached {
  return { model: readModel(file), arrays };
}

function entriesUnder(prefix: string, arrays: Arrays): (readonly [string, TensorData])[] {
  return Object.entries(arrays).map(([name, array]) => [prefix + name, array] as const);
}

/** The arrays whose names begin so, without that. */
function under(prefix: string, arrays: Arrays): Record<string, TensorData> {
  const own = Object.entries(arrays).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(own.map(([name, array]) => [name.slice(prefix.length), array]));
}
