import { type FileHandle, open } from 'node:fs/promises';
import { SpikewireError } from '@spikewire/models';
import type { SensorSize } from '../address-events/address-events.ts';
import type { AddressLayout } from '../address-events/address-layout.ts';
import { aedat2Header } from '../address-events/aedat2.ts';
import { nMnistEvent } from '../address-events/n-mnist.ts';
import { eventBytes, MOST_WAITING, type SpikeSink, type Spikes } from './spike-sink.ts';

export interface FileSinkOptions {
  readonly layout: AddressLayout;
  readonly size: SensorSize;
  readonly polarities: 1 | 2;
  /** Bytes of the file, at most. */
  readonly most: number;
  warn(line: string): void;
}

/** Spikes of a window as bytes of a file; undefined where the file cannot hold them. */
type Write = (spikes: Spikes) => Uint8Array | undefined;

/**
 * A new recording, AEDAT 2 or N-MNIST by its ending. It only grows, by whole windows, and ends with the process, with
 * the first failure, or where the next window would make it too large; then it says so once.
 */
export class FileSink implements SpikeSink {
  lostLater = 0;
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #options: FileSinkOptions;
  readonly #write: Write;
  #bytes = 0;
  #waiting = 0;
  #ended = false;
  #written: Promise<void> = Promise.resolve();

  /** Rejects with `file` where there is one already, or none can be made. */
  static async open(path: string, options: FileSinkOptions): Promise<FileSink> {
    const file = await open(path, 'wx').catch((cause: NodeJS.ErrnoException) => {
      const [problem, expected] =
        cause.code === 'EEXIST'
          ? ['already exists', 'another name']
          : [`cannot be made (${cause.message})`, 'a new file'];
      throw new SpikewireError('file', path, problem, expected, cause);
    });
    const isAedat = !path.toLowerCase().endsWith('.bin');
    const sink = new FileSink(
      path,
      file,
      options,
      isAedat ? (spikes) => eventBytes(spikes, 0, spikes.time.length) : nMnist,
    );
    if (isAedat) sink.#append(aedat2Header(options.layout, options.size, options.polarities), 0);
    return sink;
  }

  private constructor(path: string, file: FileHandle, options: FileSinkOptions, write: Write) {
    this.#path = path;
    this.#file = file;
    this.#options = options;
    this.#write = write;
  }

  send(spikes: Spikes): number {
    if (this.#ended || this.#waiting > MOST_WAITING) return 0;
    const bytes = this.#write(spikes);
    if (bytes === undefined) this.#end('cannot hold later spikes; N-MNIST ends after 8.4 s');
    else if (this.#bytes + bytes.length > this.#options.most) this.#end(`has ${this.#bytes} bytes and is full`);
    else {
      this.#append(bytes, spikes.time.length);
      return spikes.time.length;
    }
    return 0;
  }

  #append(bytes: Uint8Array, spikes: number): void {
    this.#bytes += bytes.length;
    this.#waiting += bytes.length;
    this.#written = this.#written.then(async () => {
      try {
        await this.#file.appendFile(bytes);
      } catch (cause) {
        this.lostLater += spikes;
        this.#end(`cannot be written (${(cause as Error).message})`);
      } finally {
        this.#waiting -= bytes.length;
      }
    });
  }

  #end(problem: string): void {
    if (!this.#ended) this.#options.warn(`${this.#path}: ${problem}; further spikes are lost`);
    this.#ended = true;
  }

  async close(): Promise<void> {
    await this.#written;
    await this.#file.sync().catch(() => {}); // a pipe or a medium that cannot
    await this.#file.close();
  }
}

function nMnist({ time, x, y, polarity }: Spikes): Uint8Array | undefined {
  const events = time.map((microseconds, k) => nMnistEvent(x[k]!, y[k]!, polarity[k]!, microseconds));
  return events.includes(undefined) ? undefined : Buffer.concat(events as Uint8Array[]);
}
