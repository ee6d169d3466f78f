import { type FileHandle, open } from 'node:fs/promises';
import { printableText, SpikewireError } from '@spikewire/models';
import { eachLine } from '../file-lines.ts';
import { unwritableFile } from '../file-problem.ts';
import { isObject } from '../reading/json.ts';
import { openRegularFile } from '../regular-file.ts';
import { SetMemory } from '../set-memory.ts';

/** What all readings of a file have in common. */
export interface RecordedShape {
  /** Names of the channels, as readings have them; empty where readings are arrays. */
  readonly channels: readonly string[];
  /** Numbers of a reading: of the first channel, then those of the next. */
  readonly numbers: number;
}

/** A reading with what it was said to be. */
export interface RecordedReading {
  /** Milliseconds since 1970. */
  readonly t: number;
  readonly label: string;
  readonly values: readonly number[];
  /** The broker had kept it from before it was recorded; absent where not. */
  readonly retained?: boolean;
}

const FORMAT = 'spikewire-recorded';
const VERSION = 1;
/** In bytes: lines beyond are no reading, a message has 1 MiB at most. */
const LONGEST_LINE = 1 << 22;
/** In memory, beside its numbers and its label (measured, with room to grow). */
const BYTES_OF_READING = 300;
const NEWLINE = 10;

/**
 * Labelled readings in a file of JSON lines: first `{"format": "spikewire-recorded", "version": 1, "channels": […],
 * "numbers": n}`, then for each reading `{"t": ms, "label": "idle", "values": […]}`, with `"retained": true` for one
 * that the broker had kept. It is only ever added to, and what a power failure leaves of the last line is cut off when
 * it is opened again, so that each whole line is a whole reading. A file that is none of these is left as it is.
 */
export class RecordedFile {
  /** Whether it had no whole line when it was opened. */
  readonly isBegun: boolean;
  #shape: RecordedShape;
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #limit: number;
  #bytes: number;

  /**
   * Opens a file to add to, or makes it, for its owner only. Throws `file` where it cannot be written, or does not
   * begin as a file of this shape does, `input` where the names of channels alone would take more than it may have.
   * @param limit bytes that the file may have
   * @param isNew whether a file that is there is refused
   * @param keepsShape whether a file with readings of another shape is taken as it is, instead of refused
   */
  static async open(
    path: string,
    shape: RecordedShape,
    limit: number,
    { isNew = false, keepsShape = false }: { readonly isNew?: boolean; readonly keepsShape?: boolean } = {},
  ): Promise<RecordedFile> {
    const file = await open(path, isNew ? 'ax+' : 'a+', 0o600).catch((cause: unknown) => {
      throw unwritableFile(path, cause);
    });
    try {
      const end = await endOfWholeLines(path, file);
      // Before anything is cut off: it may be somebody else's file.
      const found = end === 0 ? undefined : await shapeIn(path, file);
      if (found === undefined) await expectBeginning(path, file, Buffer.from(headOf(shape, limit)));
      else if (!keepsShape) expectSame(path, found, shape);
      await file.truncate(end);
      const recorded = new RecordedFile(path, found ?? shape, file, limit, end);
      if (found === undefined) await recorded.#write(headOf(shape, limit));
      return recorded;
    } catch (problem) {
      await file.close().catch(() => {}); // the first failure is the one to report
      throw problem;
    }
  }

  private constructor(path: string, shape: RecordedShape, file: FileHandle, limit: number, bytes: number) {
    this.#path = path;
    this.#shape = shape;
    this.isBegun = bytes === 0;
    this.#file = file;
    this.#limit = limit;
    this.#bytes = bytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get shape(): RecordedShape {
    return this.#shape;
  }

  /** Empties it for readings of another shape. Throws `input` as `open` does, before anything has changed. */
  async beginAnew(shape: RecordedShape): Promise<void> {
    const head = headOf(shape, this.#limit);
    await this.#file.truncate(0).catch((cause: unknown) => {
      throw unwritableFile(this.#path, cause);
    });
    this.#bytes = 0;
    this.#shape = shape;
    await this.#write(head);
  }

  /** Adds a reading, and whether it still fitted. Calls must wait for each other. */
  async add(reading: RecordedReading): Promise<boolean> {
    const line = lineOf(reading);
    if (this.#bytes + Buffer.byteLength(line) > this.#limit) return false;
    await this.#write(line);
    return true;
  }

  async #write(line: string): Promise<void> {
    await this.#file.appendFile(line).catch(async (cause: unknown) => {
      await this.#file.truncate(this.#bytes).catch(() => {}); // half a line is cut off when it is opened again, too
      throw unwritableFile(this.#path, cause);
    });
    this.#bytes += Buffer.byteLength(line);
  }

  /** Resolves when all that was added survives a power failure. */
  async sync(): Promise<void> {
    await this.#file.datasync().catch((cause: unknown) => {
      throw unwritableFile(this.#path, cause);
    });
  }

  async close(): Promise<void> {
    await this.sync().finally(() => this.#file.close());
  }
}

/** The first line. Throws `input` where the names of channels alone would take more than a file may have. */
function headOf(shape: RecordedShape, limit: number): string {
  const head = lineOf({ format: FORMAT, version: VERSION, ...shape });
  const bytes = Buffer.byteLength(head);
  if (bytes <= limit) return head;
  throw new SpikewireError('input', 'message', `names channels in ${bytes} bytes`, `at most ${limit}`);
}

/** No character in it ends a line for any reader. */
function lineOf(document: object): string {
  return `${printableText(JSON.stringify(document))}\n`;
}

/** Where the last whole line ends. Rejects with `file` where what follows it is too long to be a line. */
async function endOfWholeLines(path: string, file: FileHandle): Promise<number> {
  const { size } = await file.stat();
  const chunk = Buffer.alloc(1 << 16);
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - chunk.length);
    const { bytesRead } = await file.read(chunk, 0, end - start, start);
    const newline = chunk.subarray(0, bytesRead).lastIndexOf(NEWLINE);
    if (newline >= 0) return start + newline + 1;
    if (size - start > LONGEST_LINE)
      throw new SpikewireError(
        'file',
        path,
        `ends with a line of more than ${LONGEST_LINE} bytes`,
        'labelled readings',
      );
    end = start;
  }
  return 0;
}

/** Where there is no whole line: nothing but what a power failure left of the first. */
async function expectBeginning(path: string, file: FileHandle, head: Uint8Array): Promise<void> {
  const present = await file.stat();
  const found = Buffer.alloc(Math.min(present.size, head.length));
  await file.read(found, 0, found.length, 0);
  const isOwn = present.size < head.length && found.equals(head.subarray(0, present.size));
  if (present.isFile() && isOwn) return;
  throw new SpikewireError('file', path, 'holds no labelled readings', 'a new file, or one of spikewire record');
}

async function shapeIn(path: string, file: FileHandle): Promise<RecordedShape> {
  let first: string | undefined;
  await eachLine(file, { path, longest: LONGEST_LINE }, (line) => {
    first = line;
    return false;
  });
  if (first !== undefined) return shapeOf(path, parseLine(path, 1, first));
  throw new SpikewireError(
    'file',
    path,
    'has no complete line',
    'labelled readings, one in a line, as spikewire record writes them',
  );
}

function expectSame(path: string, found: RecordedShape, wanted: RecordedShape): void {
  if (JSON.stringify(found) === JSON.stringify(wanted)) return;
  const shown = ({ channels, numbers }: RecordedShape) => `${numbers} numbers of ${channels.join(', ') || 'arrays'}`;
  throw new SpikewireError('file', path, `holds readings of ${shown(found)}`, shown(wanted));
}

/** All whole lines of a file; rejects with `file`, naming the line. A last line that was cut off is no reading. */
export async function readRecorded(
  path: string,
): Promise<{ readonly shape: RecordedShape; readonly readings: readonly RecordedReading[] }> {
  const file = await openRegularFile(path, 'labelled readings, as spikewire record writes them');
  try {
    const end = await endOfWholeLines(path, file);
    if (end === 0)
      throw new SpikewireError(
        'file',
        path,
        'has no complete line',
        'labelled readings, one in a line, as spikewire record writes them',
      );
    const memory = new SetMemory(path);
    const readings: RecordedReading[] = [];
    let shape: RecordedShape | undefined;
    await eachLine(file, { path, longest: LONGEST_LINE, end }, (line, number) => {
      const document = parseLine(path, number, line);
      if (shape === undefined) {
        shape = shapeOf(path, document);
        return;
      }
      const reading = readingOf(path, number, document, shape);
      memory.take(BYTES_OF_READING + 2 * reading.label.length + 8 * shape.numbers);
      readings.push(reading);
    });
    return { shape: shape!, readings };
  } finally {
    await file.close().catch(() => {}); // it was only read
  }
}

function parseLine(path: string, number: number, line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    const expected = 'a reading, as spikewire record writes it';
    throw new SpikewireError('file', `${path}, line ${number}`, 'is not JSON', expected, cause);
  }
}

function shapeOf(path: string, document: unknown): RecordedShape {
  const { format, version, channels, numbers } = isObject(document) ? document : {};
  const isNamed = Array.isArray(channels) && channels.every((name) => typeof name === 'string');
  if (format === FORMAT && version === VERSION && isNamed && Number.isInteger(numbers) && (numbers as number) > 0) {
    return { channels, numbers: numbers as number };
  }
  throw new SpikewireError(
    'file',
    `${path}, line 1`,
    'is not its beginning',
    `{"format": "${FORMAT}", "version": 1, …}`,
  );
}

function readingOf(path: string, number: number, document: unknown, { numbers }: RecordedShape): RecordedReading {
  const { t, label, values, retained } = isObject(document) ? document : {};
  const isWhole = Array.isArray(values) && values.length === numbers && values.every((value) => Number.isFinite(value));
  if (typeof t === 'number' && typeof label === 'string' && isWhole)
    return { t, label, values, ...(retained === true ? { retained } : {}) };
  const expected = `{"t", "label", "values"} with ${numbers} numbers`;
  throw new SpikewireError('file', `${path}, line ${number}`, 'is not a reading', expected);
}
