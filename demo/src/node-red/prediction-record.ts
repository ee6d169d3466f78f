import { closeSync, openSync, writeSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { SpikewireError } from '@spikewire/models';

/**
 * One prediction as it is kept: whose, how many readings the net had taken with this one, which reading it answers
 * (from 1; the same where none was lost on the way), whether that was flagged, and what is expected next.
 */
export type RecordedPrediction = readonly [
  id: string,
  seq: number,
  number: number,
  anomaly: boolean,
  expected: readonly [number, number] | null,
];

/** Last line of a replay that was complete. */
const COMPLETE = '"complete"';

/**
 * The predictions of a replay in a file, a line of JSON each, so that they can be scored after a restart as far as the
 * nets remember having made them. Each line is with the operating system before the next prediction is looked at; an
 * unfinished one is ignored.
 */
export class PredictionRecord {
  readonly predictions: readonly RecordedPrediction[];
  /** Whether the replay that it is of was complete. */
  readonly complete: boolean;
  readonly #path: string;
  #file: number | undefined;

  private constructor(path: string, lines: readonly string[]) {
    this.#path = path;
    this.complete = lines.at(-1) === COMPLETE;
    this.predictions = lines.filter((line) => line !== COMPLETE).flatMap(parse);
  }

  /** Reads a record; an empty one where there is no file. */
  static async read(path: string): Promise<PredictionRecord> {
    const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return '';
      throw new SpikewireError('file', path, `cannot be read (${cause.code ?? cause})`, 'a record of the demo', cause);
    });
    // What follows the last line feed was cut off when it was written.
    return new PredictionRecord(path, text.split('\n').slice(0, -1));
  }

  /** Goes on after these predictions; what else it holds is forgotten. */
  async continueFrom(predictions: readonly RecordedPrediction[]): Promise<void> {
    const next = `${this.#path}.next`;
    await writeFile(next, predictions.map((prediction) => `${JSON.stringify(prediction)}\n`).join(''));
    await rename(next, this.#path);
    this.#file = openSync(this.#path, 'a');
  }

  add(prediction: RecordedPrediction): void {
    this.#write(JSON.stringify(prediction));
  }

  markComplete(): void {
    this.#write(COMPLETE);
  }

  #write(line: string): void {
    if (this.#file !== undefined) writeSync(this.#file, `${line}\n`);
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }
}

/** One prediction, or none where the line is not one. */
function parse(line: string): RecordedPrediction[] {
  try {
    const [id, seq, number, anomaly, expected] = JSON.parse(line) as RecordedPrediction;
    return [[id, seq, number, anomaly, expected]];
  } catch {
    return [];
  }
}
