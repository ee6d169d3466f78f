import type { ReadingForm } from '../reading/form.ts';
import { ReadingReader } from '../reading/reader.ts';
import { messageShape } from './message-shape.ts';
import { RecordedFile } from './recorded-file.ts';

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

/** Readings of messages on their way into a file, which the first one makes: what that holds, all must hold. */
export class Recording {
  readonly #options: RecordingOptions;
  #file: RecordedFile | undefined;
  #reader: ReadingReader | undefined;
  #syncedAt = 0;
  readings = 0;

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
  async add(payload: Uint8Array): Promise<'added' | 'left-out' | 'full'> {
    const { path, label, limit, form = {}, isNew = false } = this.#options;
    const { channels, numbers } = this.#file?.shape ?? messageShape(payload, form);
    const named = channels.map((name) => ({ name, unit: '' }));
    const reader = this.#reader ?? new ReadingReader({ channels: named }, numbers, form);
    const reading = reader.read('', payload, Date.now());
    if (reading === undefined) return 'left-out';
    this.#reader = reader;
    this.#file ??= await RecordedFile.open(path, { channels, numbers }, limit, { isNew });
    if (!(await this.#file.add({ t: reading.time, label, values: Array.from(reading.values) }))) return 'full';
    this.readings++;
    if (Date.now() - this.#syncedAt >= SYNC_MS) {
      await this.#file.sync();
      this.#syncedAt = Date.now();
    }
    return 'added';
  }

  async close(): Promise<void> {
    await this.#file?.close();
  }
}
