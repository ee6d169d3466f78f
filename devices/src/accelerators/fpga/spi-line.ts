import { spawn } from 'node:child_process';
import { holdLine } from '../../device-files/held-line.ts';
import type { BoardLine } from './board-line.ts';
import { FLAG } from './frame.ts';

/** spi-pipe transfers whole blocks of so many bytes. */
const BLOCK = 64;
/** What nobody answers for so many blocks is asked for only every millisecond. */
const EAGER_BLOCKS = 16;
export const USUAL_SPEED = 4_000_000;

/**
 * SPI to a board through the program `spi-pipe` of spi-tools, which exchanges the bytes of its standard input. Rejects
 * with `input` where another process of spikewire has the board.
 *
 * @param speed of the line's clock in Hz
 */
export async function openSpiBoard(path: string, speed = USUAL_SPEED, program = 'spi-pipe'): Promise<BoardLine> {
  const release = await holdLine(path);
  const options = ['-d', path, '-m', '0', '-s', String(speed), '-b', String(BLOCK)];
  return new SpiLine(path, program, options, release);
}

/** Clocks bytes out of the board while somebody waits for them. */
class SpiLine implements BoardLine {
  readonly name: string;
  readonly #pipe;
  readonly #closed: Promise<void>;
  #onBytes: (bytes: Uint8Array) => void = () => {};
  #onGone: (problem: string) => void = () => {};
  #going: number[] = [];
  /** Bytes that were clocked out to the board and have not come back. */
  #exchanging = 0;
  #isWaiting = false;
  #silentBlocks = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(name: string, program: string, options: readonly string[], release: () => Promise<void>) {
    this.name = name;
    this.#pipe = spawn(program, options, { stdio: ['pipe', 'pipe', 'pipe'] });
    let said = '';
    this.#pipe.stderr.on('data', (text: Buffer) => {
      said = `${said}${text}`.slice(-200);
    });
    this.#pipe.stdin.on('error', () => {}); // whoever waits is told when the process ends
    this.#pipe.stdout.on('data', (bytes: Buffer) => this.#take(bytes));
    this.#pipe.on('error', (cause: NodeJS.ErrnoException) => {
      this.#onGone(cause.code === 'ENOENT' ? 'needs spi-pipe: sudo apt install spi-tools' : cause.message);
    });
    this.#closed = new Promise((resolve) => {
      this.#pipe.on('close', () => {
        clearTimeout(this.#timer);
        this.#onGone(`is gone: ${program} ended${said === '' ? '' : `, "${said.trim()}"`}`);
        void release().then(resolve);
      });
    });
  }

  listen(onBytes: (bytes: Uint8Array) => void, onGone: (problem: string) => void): void {
    this.#onBytes = onBytes;
    this.#onGone = onGone;
  }

  write(bytes: Uint8Array): void {
    // Frames that are sent together share their last block.
    if (this.#going.length === 0) setImmediate(() => this.#exchange());
    this.#going.push(...bytes);
  }

  setWaiting(isWaiting: boolean): void {
    this.#isWaiting = isWaiting;
    this.#silentBlocks = 0;
    if (isWaiting) this.#clock();
  }

  async close(): Promise<void> {
    this.#isWaiting = false;
    this.#pipe.stdin.end();
    await this.#closed;
  }

  #take(bytes: Uint8Array): void {
    this.#exchanging -= bytes.length;
    this.#silentBlocks = bytes.every((byte) => byte === FLAG) ? this.#silentBlocks + 1 : 0;
    this.#onBytes(bytes);
    if (this.#exchanging === 0 && this.#going.length === 0) this.#clock();
  }

  /** Lets the board send a block, where that is wanted. */
  #clock(): void {
    if (!this.#isWaiting || this.#exchanging > 0) return;
    clearTimeout(this.#timer);
    if (this.#silentBlocks < EAGER_BLOCKS) this.write(Uint8Array.of(FLAG));
    else this.#timer = setTimeout(() => this.write(Uint8Array.of(FLAG)), 1);
  }

  #exchange(): void {
    const blocks = Math.ceil(this.#going.length / BLOCK);
    const bytes = Uint8Array.from({ length: blocks * BLOCK }, (_, k) => this.#going[k] ?? FLAG);
    this.#going = [];
    this.#exchanging += bytes.length;
    if (this.#pipe.stdin.writable) this.#pipe.stdin.write(bytes);
  }
}
