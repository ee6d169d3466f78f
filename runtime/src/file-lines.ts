import type { FileHandle } from 'node:fs/promises';
import { SpikewireError } from '@spikewire/models';

const PIECE = 1 << 16;
const [LINE_FEED, CARRIAGE_RETURN] = [0x0a, 0x0d];

export interface FileLinesOptions {
  /** The file's name, for errors. */
  readonly path: string;
  /** Bytes that a line may have without its end. */
  readonly longest: number;
  /** Only so many bytes of the file are read; all where absent. */
  readonly end?: number;
}

/**
 * Hands over the lines of a file one by one, by their numbers from 1, without their ends (LF, CRLF or CR); the last
 * needs none. Keeps one line and a piece of the file in memory, and ends early where `take` gives false. Rejects with
 * `file` for a longer line, before it is read to its end, and with what `take` throws.
 */
export async function eachLine(
  file: FileHandle,
  { path, longest, end = Number.POSITIVE_INFINITY }: FileLinesOptions,
  take: TakeLine,
): Promise<void> {
  const lines = new Lines(path, longest, take);
  const piece = Buffer.allocUnsafe(PIECE);
  for (let at = 0; at < end && !lines.areEnough; ) {
    const { bytesRead } = await file.read(piece, 0, Math.min(PIECE, end - at), at);
    if (bytesRead === 0) break;
    at += bytesRead;
    lines.add(piece.subarray(0, bytesRead));
  }
  if (!lines.areEnough) lines.end();
}

/** Takes a line by its number, and may give false where it wants no more. */
type TakeLine = (line: string, number: number) => unknown;

class Lines {
  /** Whether no more is wanted. */
  areEnough = false;
  readonly #path: string;
  readonly #longest: number;
  readonly #take: TakeLine;
  /** Copies of what has come of a line that has not ended yet. */
  #begun: Buffer[] = [];
  #length = 0;
  #count = 0;
  #endedByReturn = false;

  constructor(path: string, longest: number, take: TakeLine) {
    this.#path = path;
    this.#longest = longest;
    this.#take = take;
  }

  add(piece: Buffer): void {
    let start = 0;
    for (let at = 0; at < piece.length && !this.areEnough; at++) {
      const byte = piece[at];
      if (byte !== LINE_FEED && byte !== CARRIAGE_RETURN) continue;
      // The second byte of CRLF ends nothing.
      const isRest = byte === LINE_FEED && at === start && this.#length === 0 && this.#endedByReturn;
      if (!isRest) this.#finish(piece.subarray(start, at));
      this.#endedByReturn = byte === CARRIAGE_RETURN;
      start = at + 1;
    }
    if (start === piece.length || this.areEnough) return;
    const rest = piece.subarray(start);
    this.#checkLength(rest.length);
    this.#begun.push(Buffer.from(rest));
    this.#length += rest.length;
    this.#endedByReturn = false;
  }

  end(): void {
    if (this.#length > 0) this.#finish(Buffer.alloc(0));
  }

  #finish(rest: Buffer): void {
    this.#checkLength(rest.length);
    const whole = this.#length === 0 ? rest : Buffer.concat([...this.#begun, rest]);
    this.#begun = [];
    this.#length = 0;
    this.areEnough = this.#take(whole.toString('utf8'), ++this.#count) === false;
  }

  #checkLength(more: number): void {
    if (this.#length + more <= this.#longest) return;
    const where = `${this.#path}, line ${this.#count + 1}`;
    throw new SpikewireError('file', where, `has more than ${this.#longest} bytes`, 'a shorter line');
  }
}
