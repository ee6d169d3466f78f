import { SpikewireError } from '@spikewire/models';
import type { ReadingForm } from '../reading/form.ts';
import { ReadingReader } from '../reading/reader.ts';
import type { Reading } from '../reading/reading.ts';
import { FirstMessages, type TakenMessage } from './first-messages.ts';
import { messageShape } from './message-shape.ts';
import { RecordedFile, type RecordedShape } from './recorded-file.ts';

/** Between two times at which what was recorded is made to survive a power failure. */
const SYNC_MS = 1000;

export interface RecordingOptions {
  readonly path: string;
  /** What is going on while it records. */
  readonly label: string;
  /** Bytes that the file may have. */
  readonly limit: number;
  /** How messages say readings. */
  readonly form?: ReadingForm;
  /** Whether a file that is there is refused; else it is added to. */
  readonly isNew?: boolean;
}

/**
 * Readings of messages on their way into a file, all of one shape: that of the readings that are in the file already,
 * else that of most of the first messages. Where the very first was of another one, the file is begun anew.
 */
export class Recording {
  readonly #options: RecordingOptions;
  #file: RecordedFile | undefined;
  #reader: ReadingReader | undefined;
  /** Until it is decided what the file holds. */
  #first: FirstMessages | undefined;
  #syncedAt = 0;
  readings = 0;
  /** Those of the readings that the broker had kept from before. */
  retained = 0;
  /** Messages that are no reading, or not of the shape that the file has. */
  bad = 0;

  constructor(options: RecordingOptions) {
    this.#options = options;
  }

  get bytes(): number {
    return this.#file?.bytes ?? 0;
  }

  /**
   * Adds the reading of a message; `left-out` where the form makes none of it. Calls must wait for each other. Rejects
   * with `input` for a message that is no reading, `file` where it cannot be written; the file stays readable.
   */
  async add(payload: Uint8Array, retained = false): Promise<'added' | 'left-out' | 'full'> {
    const message = { payload, now: Date.now(), retained };
    const isFirst = this.#file === undefined || this.#first !== undefined;
    try {
      return await (isFirst ? this.#addFirst(message) : this.#write(message));
    } catch (problem) {
      if (isInput(problem)) this.bad++;
      throw problem;
    }
  }

  async #addFirst(message: TakenMessage): Promise<'added' | 'left-out' | 'full'> {
    const own = messageShape(message.payload, this.#options.form ?? {});
    if (readingOf(message, this.#readerFor(own)) === undefined) return 'left-out';
    this.#file ??= await this.#open(own);
    if (this.#first === undefined) return this.#write(message);
    const { shape } = this.#file;
    const leading = this.#first.vote(message, this.#reads(message) ? shape : own, shape);
    if (leading !== shape) await this.#beginAnew(this.#file, leading, this.#first);
    const taken = { message, refused: true };
    this.#first.all.push(taken);
    try {
      const outcome = await this.#write(message);
      taken.refused = false;
      return outcome;
    } finally {
      if (this.#first.isDecided(this.#file.shape)) this.#first = undefined;
    }
  }

  async #open(shape: RecordedShape): Promise<RecordedFile> {
    const { path, limit, isNew = false } = this.#options;
    const file = await RecordedFile.open(path, shape, limit, { isNew, keepsShape: true });
    if (file.isBegun) this.#first = new FirstMessages();
    this.#reader = this.#readerFor(file.shape);
    return file;
  }

  /** Puts those of the first messages into the file that are readings of another shape. */
  async #beginAnew(file: RecordedFile, shape: RecordedShape, first: FirstMessages): Promise<void> {
    await file.beginAnew(shape);
    this.#reader = this.#readerFor(shape);
    this.readings = 0;
    this.retained = 0;
    this.bad -= first.refused;
    for (const taken of first.all) {
      taken.refused = !this.#reads(taken.message);
      if (!taken.refused) await this.#write(taken.message);
    }
    this.bad += first.refused;
  }

  #readerFor({ channels, numbers }: RecordedShape): ReadingReader {
    return new ReadingReader({ channels: channels.map((name) => ({ name, unit: '' })) }, numbers, this.#options.form);
  }

  /** Whether a message is a reading of what the file holds. */
  #reads(message: TakenMessage): boolean {
    try {
      return readingOf(message, this.#reader!) !== undefined;
    } catch (problem) {
      if (isInput(problem)) return false;
      throw problem;
    }
  }

  async #write(message: TakenMessage): Promise<'added' | 'left-out' | 'full'> {
    const file = this.#file!;
    const reading = readingOf(message, this.#reader!);
    if (reading === undefined) return 'left-out';
    const { label } = this.#options;
    const marked = message.retained ? { retained: true } : {};
    if (!(await file.add({ t: reading.time, label, values: Array.from(reading.values), ...marked }))) return 'full';
    this.readings++;
    if (message.retained) this.retained++;
    if (Date.now() - this.#syncedAt >= SYNC_MS) {
      await file.sync();
      this.#syncedAt = Date.now();
    }
    return 'added';
  }

  async close(): Promise<void> {
    await this.#file?.close();
  }
}

function readingOf({ payload, now }: TakenMessage, reader: ReadingReader): Reading | undefined {
  return reader.read('', payload, now);
}

function isInput(problem: unknown): boolean {
  return problem instanceof SpikewireError && problem.code === 'input';
}
