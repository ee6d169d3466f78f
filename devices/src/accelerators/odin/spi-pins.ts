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
 * @param speed of SCK in Hz, at most a quarter of the chip's clock
 */
export async function openSpiPins(bridge: ChipPins, path: string, speed = USUAL_SPEED, program = 'spi-pipe') {
  const release = await holdLine(path);
  const pipe = new SpiPipe(path, program, ['-d', path, '-m', '0', '-s', `${speed}`, '-b', `${FRAME_BYTES}`], release);
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

/** Bytes that are exchanged at a time: a pipe holds 65,536. */
const CHUNK = 4000 * FRAME_BYTES;

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

  constructor(path: string, program: string, options: readonly string[], release: () => Promise<void>) {
    this.#path = path;
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
    while (this.#came < frames.length) {
      if (this.isGone) throw this.#gone();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return Buffer.concat(this.#coming);
  }

  #gone(): SpikewireError {
    const said = this.#problem.trim();
    return new SpikewireError('unsupported', this.#path, `is gone${said && `: ${said}`}`, 'an SPI device');
  }

  async close(): Promise<void> {
    this.#pipe.stdin.end();
    await this.#closed;
  }
}
