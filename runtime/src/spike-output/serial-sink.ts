import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { SpikewireError } from '@spikewire/models';
import { MOST_WAITING, type SpikeSink, type Spikes } from './spike-sink.ts';

const EVENT_BYTES = 4;
/** Milliseconds before a line that is full is tried again, and for which the rest may leave at the end. */
const [TRY_AGAIN, LAST] = [5, 1000];

/**
 * Spikes on a serial line as an eDVS sends its events (libcaer, src/edvs.c): y with its highest bit set, x with the
 * polarity, and 16 bits of microseconds, big-endian. Windows for which the line is too slow are lost as a whole, so
 * that each event on it has all its bytes; a line that fails takes no more, which is said once.
 */
export class SerialSink implements SpikeSink {
  lostLater = 0;
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #warn: (line: string) => void;
  #waiting: Buffer[] = [];
  #bytes = 0;
  #isOpen = true;
  #isClosing = false;
  #writing: Promise<void> = Promise.resolve();

  /** Rejects with `input` where there is no such line, or it cannot be set to this rate. */
  static async open(address: string, path: string, baud: number, warn: (line: string) => void): Promise<SerialSink> {
    const words = ['-F', path, String(baud), 'raw', '-echo', 'clocal', '-crtscts', '-hupcl'];
    try {
      await promisify(execFile)('stty', words);
      const { O_WRONLY, O_NOCTTY, O_NONBLOCK } = constants;
      return new SerialSink(path, await open(path, O_WRONLY | O_NOCTTY | O_NONBLOCK), warn);
    } catch (cause) {
      const { stderr, message } = cause as { stderr?: string; message: string };
      const problem = (stderr || message).trim().split('\n').at(-1)!;
      throw new SpikewireError('input', address, problem, 'a serial line that this user may write', cause);
    }
  }

  private constructor(path: string, file: FileHandle, warn: (line: string) => void) {
    [this.#path, this.#file, this.#warn] = [path, file, warn];
  }

  send(spikes: Spikes): number {
    const { length } = spikes.time;
    if (!this.#isOpen || this.#bytes + EVENT_BYTES * length > MOST_WAITING) return 0;
    this.#waiting.push(edvsEvents(spikes));
    this.#bytes += EVENT_BYTES * length;
    if (this.#waiting.length === 1) this.#writing = this.#write();
    return length;
  }

  /** Writes what waits, window by window. */
  async #write(): Promise<void> {
    try {
      for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
        await this.#writeWhole(next);
        this.#waiting.shift();
      }
    } catch (cause) {
      this.lostLater += Math.ceil(this.#bytes / EVENT_BYTES);
      [this.#waiting, this.#isOpen] = [[], false];
      if (!this.#isClosing) this.#warn(`${this.#path}: ${(cause as Error).message}; further spikes are lost`);
    }
  }

  async #writeWhole(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      if (!this.#isOpen) throw new Error('is closed');
      const written = await this.#writeSome(bytes, at);
      [at, this.#bytes] = [at + written, this.#bytes - written];
      if (written === 0) await delay(TRY_AGAIN);
    }
  }

  /** How many bytes the line takes now. */
  async #writeSome(bytes: Buffer, at: number): Promise<number> {
    try {
      return (await this.#file.write(bytes, at)).bytesWritten;
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'EAGAIN') return 0;
      throw cause;
    }
  }

  /** What waits leaves for a second at most. */
  async close(): Promise<void> {
    this.#isClosing = true;
    const over = new AbortController();
    const tooLate = delay(LAST, undefined, { signal: over.signal }).catch(() => {});
    await Promise.race([this.#writing, tooLate]);
    over.abort();
    this.#isOpen = false;
    await this.#writing;
    await this.#file.close();
  }
}

function edvsEvents({ time, x, y, polarity }: Spikes): Buffer {
  const bytes = Buffer.alloc(EVENT_BYTES * time.length);
  for (const [k, microseconds] of time.entries()) {
    bytes[EVENT_BYTES * k] = 0x80 | y[k]!;
    bytes[EVENT_BYTES * k + 1] = (polarity[k]! << 7) | x[k]!;
    bytes.writeUInt16BE(microseconds % 2 ** 16, EVENT_BYTES * k + 2);
  }
  return bytes;
}
