import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type JsonObject, SpikewireError } from '@spikewire/models';
import { prepareFile, writeWhole } from 'spikewire/cli';
import { readWholeFile } from 'spikewire/data';
import type { ParameterRecord } from '../kinds/kind.ts';
import type { RecordingChoice } from '../recordings/options.ts';
import type { EpochRecord } from '../runs/history.ts';
import type { Run, RunState } from '../runs/run.ts';
import { namedScore, type ScoreName } from '../runs/tally.ts';
import { cardMarkdown } from './card.ts';
import { type Checkpoint, readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { curvesSvg } from './curves.ts';
import { weightsPicture } from './weights-picture.ts';

const CONFIGURATION = 'config.json';
/** Bytes. */
const LARGEST_CONFIGURATION = 1 << 20;
const METRICS = 'metrics.jsonl';
const LAST = 'last.safetensors';
const BEST = 'best.safetensors';
const CURVES = 'curves.svg';
const CARD = 'card.md';
const TEST = 'test.csv';
const PICTURE = 'weights.bmp';
const REPORT = 'report.html';
/** What a run leaves besides its configuration and metrics. */
const OF_A_RUN = [LAST, BEST, CURVES, CARD, TEST, PICTURE, REPORT];

/** What decides a run, bit by bit, and where its model goes; stands in the run folder as JSON. */
export interface RunConfiguration {
  readonly method: string;
  /** By the method's table: what was chosen, and the defaults. */
  readonly parameters: ParameterRecord;
  /** Address of the data set: `mnist`, `csv:FILE`. */
  readonly data: string;
  /** File of the model that is trained further; absent: a new net. */
  readonly model?: string;
  /**
   * What stands between recorded readings and the net: names of features, `auto`, which recordings have where it is
   * absent, or `none`.
   */
  readonly features?: string;
  /** Which recordings, how they are cut and divided, where they are the data. */
  readonly recordings?: RecordingChoice;
  /** Address of the board for which the model is made. */
  readonly board?: string;
  readonly seed: number;
  readonly out: string;
  /** False where the net leaves with its own output; absent: with a read-out that can be taught, where it can. */
  readonly teachable?: boolean;
}

/**
 * What a training leaves behind: configuration, metrics by epoch, curves, the last and the best checkpoint, the card.
 */
export class RunFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /**
   * Makes the folder and writes the configuration. Rejects with `file` where a run is there already, or lets this one
   * take its place.
   */
  async create(configuration: RunConfiguration, overwrite = false): Promise<void> {
    await prepareFile(this.#file(CONFIGURATION));
    const known = await readFile(this.#file(LAST)).catch(() => undefined);
    if (known !== undefined && !overwrite) {
      const expected = `another --run, --resume ${this.path} to continue it, or --overwrite`;
      throw new SpikewireError('file', this.path, 'holds a run', expected);
    }
    await Promise.all(OF_A_RUN.map((name) => rm(this.#file(name), { force: true })));
    await writeWhole(this.#file(CONFIGURATION), `${JSON.stringify(configuration, undefined, 2)}\n`);
    await writeWhole(this.#file(METRICS), '');
  }

  /** Rejects with `file` where there is no run. */
  async readConfiguration(): Promise<RunConfiguration> {
    const path = this.#file(CONFIGURATION);
    const text = await readWholeFile(path, LARGEST_CONFIGURATION, 'the folder of a training (--run)').catch((cause) => {
      throw new SpikewireError('file', path, 'cannot be read', 'the folder of a training (--run)', cause);
    });
    return checked(path, text.toString('utf8'));
  }

  /** With a picture of what its neurons look for, for runs that have one. */
  async saveLast(run: Run): Promise<void> {
    await writeWhole(this.#file(LAST), writeCheckpoint(run.save()));
    const { picture } = run;
    if (picture !== undefined) await writeWhole(this.#file(PICTURE), weightsPicture(picture));
  }

  /**
   * Brings a run to where its last checkpoint was, or, where that is damaged, the best, which `warn` then says in a
   * line. Where the run ended before its first checkpoint it begins anew. Rejects with `file` where none can be read.
   */
  async restore(run: Run, warn: (line: string) => void = () => {}): Promise<void> {
    let checkpoint: Checkpoint | undefined;
    try {
      checkpoint = await this.#read(LAST);
    } catch (problem) {
      checkpoint = await this.#read(BEST).catch(() => undefined);
      if (checkpoint === undefined) throw problem;
      warn(`${(problem as Error).message}; continues from ${checkpoint.path}`);
    }
    if (checkpoint !== undefined) await run.restore(checkpoint, checkpoint.path);
  }

  /** The best epoch as a checkpoint of its own. */
  async saveBest(run: Run): Promise<void> {
    await writeWhole(this.#file(BEST), writeCheckpoint(run.save()));
  }

  /** The state after the best epoch. Rejects with `file` where it is damaged or missing. */
  async readBest(): Promise<RunState> {
    const checkpoint = await this.#read(BEST);
    if (checkpoint !== undefined) return checkpoint;
    throw new SpikewireError('file', this.#file(BEST), 'does not exist', 'the best checkpoint of the run');
  }

  async #read(name: string): Promise<Checkpoint | undefined> {
    const path = this.#file(name);
    const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return undefined;
      throw new SpikewireError('file', path, cause.message, 'a checkpoint that can be read', cause);
    });
    return bytes && readCheckpoint(path, bytes);
  }

  /** One line of metrics per epoch, and their curves. */
  async writeHistory(history: readonly EpochRecord[], name?: ScoreName): Promise<void> {
    const lines = history.map(({ training, validation, ...record }) =>
      JSON.stringify({ ...record, training: namedScore(training, name), validation: namedScore(validation, name) }),
    );
    await writeWhole(this.#file(METRICS), lines.map((line) => `${line}\n`).join(''));
    await writeWhole(this.#file(CURVES), curvesSvg(history, name));
  }

  async writeCard(title: string, provenance: JsonObject): Promise<void> {
    await writeWhole(this.#file(CARD), cardMarkdown(title, provenance));
  }

  /** Samples that were held out of a set without a test part, for `eval --data csv:…`. Returns the file. */
  async writeTestSamples(rows: readonly string[]): Promise<string> {
    const path = this.#file(TEST);
    await writeWhole(path, `${rows.join('\n')}\n`);
    return path;
  }

  /** A page for people. Returns the file. */
  async writeReport(page: string): Promise<string> {
    await writeWhole(this.#file(REPORT), page);
    return this.#file(REPORT);
  }

  #file(name: string): string {
    return join(this.path, name);
  }
}

/** What a configuration must have, and of which type. */
const NEEDED: Readonly<
  Record<keyof Omit<RunConfiguration, 'model' | 'features' | 'recordings' | 'board' | 'teachable'>, string>
> = {
  method: 'string',
  parameters: 'object',
  data: 'string',
  seed: 'number',
  out: 'string',
};

function checked(path: string, text: string): RunConfiguration {
  let document: Record<string, unknown> | null;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw new SpikewireError('file', path, 'is not JSON', 'the configuration of a run', cause);
  }
  for (const [key, type] of Object.entries(NEEDED)) {
    const value = document?.[key];
    if (typeof value !== type)
      throw new SpikewireError('file', path, `has ${JSON.stringify(value)} for "${key}"`, `a ${type}`);
  }
  return document as unknown as RunConfiguration;
}
