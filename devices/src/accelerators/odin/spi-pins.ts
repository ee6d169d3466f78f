import { spawn } from 'node:child_process';
import { SpikewireError } from '@spikewire/models';
import { holdLine } from '../../device-files/held-line.ts';
import type { ChipPins } from './bridge.ts';
import { FRAME_BYTES } from './chips.ts';

export const USUAL_SPEED = 1_000_000;

/**
 * Pins whose SPI is a device of this machine, through the program `spi-pipe` of spi-tools, which exchanges frame by
 * frame; the rest is a bridge. Rejects with `input` where another process of spikewire has the device.
 *
 * @param setting `speed` of SCK in Hz, at most a quarter of the chip's clock; `patience` in seconds that an exchange may
 *   take longer than its bits do
 */
export async function openSpiPins(bridge: ChipPins, path: string, setting: SpiSetting, program = 'spi-pipe') {
  const release = await holdLine(path);
  const pipe = new SpiPipe(path, program, setting, release);
  const pins: ChipPins = {
    name: path,
    get isGone() {
      return bridge.isGone || pipe.isGone;
    },
    get counts() {
      return bridge.counts;
    },
    spi: (frames) => pipe.exchange(frames),
    events: (addresses) => bridge.events(addresses),
    reset: () => bridge.reset(),
    async close() {
      await pipe.close();
      await bridge.close();
    },
  };
  return pins;
}

export interface SpiSetting {
  readonly speed: number;
  readonly patience: number;
}

/** Bytes that are exchanged at a time: a pipe holds 65,536. */
const CHUNK = 4000 * FRAME_BYTES;
/** Milliseconds in which spi-pipe ends when its input has ended. */
const END = 1000;

class SpiPipe {
  isGone = false;
  readonly #path: string;
  readonly #pipe;
  readonly #closed: Promise<void>;
  #problem = '';
  #coming: Buffer[] = [];
  #came = 0;
  #wake: () => void = () => {};
  #last: Promise<unknown> = Promise.resolve();

  /** Milliseconds that an exchange of so many bytes may take. */
  readonly #limit: (bytes: number) => number;

  constructor(path: string, program: string, { speed, patience }: SpiSetting, release: () => Promise<void>) {
    const options = ['-d', path, '-m', '0', '-s', `${speed}`, '-b', `${FRAME_BYTES}`];
    this.#path = path;
    this.#limit = (bytes) => 1000 * (patience + (8 * bytes) / speed);
    this.#pipe = spawn(program, options, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#pipe.stdin.on('error', () => {}); // whoever waits is told when the process ends
    this.#pipe.stderr.on('data', (text: Buffer) => {
      this.#problem = `${this.#problem}${text}`.slice(-200);
    });
    this.#pipe.stdout.on('data', (bytes: Buffer) => {
      this.#coming.push(bytes);
      this.#came += bytes.length;
      this.#wake();
    });
    this.#pipe.on('error', ({ code, message }: NodeJS.ErrnoException) => {
      this.#problem = code === 'ENOENT' ? 'needs spi-pipe: sudo apt install spi-tools' : message;
    });
    this.#closed = new Promise((resolve) => {
      this.#pipe.on('close', () => {
        this.isGone = true;
        this.#wake();
        void release().then(resolve);
      });
    });
  }

  exchange(frames: Uint8Array): Promise<Uint8Array> {
    const result = this.#last.then(async () => {
      const answers: Uint8Array[] = [];
      for (let at = 0; at < frames.length; at += CHUNK) answers.push(await this.#part(frames.subarray(at, at + CHUNK)));
      return Buffer.concat(answers);
    });
    this.#last = result.catch(() => {});
    return result;
  }

  async #part(frames: Uint8Array): Promise<Uint8Array> {
    [this.#coming, this.#came] = [[], 0];
    if (!this.isGone) this.#pipe.stdin.write(frames);
    const timer = setTimeout(() => {
      this.#problem = `${this.#came} of ${frames.length} bytes came back`;
      this.#pipe.kill('SIGKILL');
    }, this.#limit(frames.length));
    try {
      while (this.#came < frames.length) {
        if (this.isGone) throw this.#gone();
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    } finally {
      clearTimeout(timer);
    }
    return Buffer.concat(this.#coming);
  }

  #gone(): SpikewireError {
    const said = this.#problem.trim();
    return new SpikewireError('unsupported', this.#path, `is gone${said && `: ${said}`}`, 'an SPI device');
  }

  async close(): Promise<void> {
    this.#pipe.stdin.end();
    const timer = setTimeout(() => this.#pipe.kill('SIGKILL'), END);
    await this.#closed;
    clearTimeout(timer);
  }
}
