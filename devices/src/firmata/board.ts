import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { SpikewireError } from '@spikewire/models';
import { type CheckedMessage, EXTENSION, pack14, packMessage, unpack14, unpackMessage } from './checked-message.ts';
import { type BoardFrame, CODES, type Code, EncoderFrames } from './encoder-frames.ts';
import { type FirmataMessage, FirmataParser, SYSEX, SYSEX_END } from './parser.ts';

const NAME = 0x79;
const COMMANDS = { configure: 0x10, threshold: 0x11, refresh: 0x12, status: 0x13, show: 0x14, line: 0x15 } as const;
const ANSWER = 0x40;
/** Rates of the line in baud, in the order of their numbers. A board begins at the first. */
export const LINE_RATES = [57_600, 115_200, 250_000, 500_000] as const;
export type LineRate = (typeof LINE_RATES)[number];

export interface EncoderSettings {
  readonly code: Exclude<Code, 'off'>;
  /** Analog inputs, 0 to 5. */
  readonly channels: readonly number[];
  /** Between two samples, in microseconds: 100 to 1,000,000. The converter takes 104 for each channel. */
  readonly period: number;
  /**
   * In steps of the converter, 1/1024 of the supply, for all or for each of the channels: `values` and `changes` from 1
   * on; `rate`, the sum of values that is worth a spike, from 256 on.
   */
  readonly threshold: number | readonly number[];
  /** Samples that a frame may wait for more, 0 to 127; fewer bytes, later. Default 0. */
  readonly gather?: number;
}

/** What the board has counted since the encoder was started; each ends at 16,383. */
export interface BoardStatus {
  /** Samples that were left out because the one before took too long. */
  readonly missed: number;
  /** Frames that found the line full. */
  readonly dropped: number;
  /** Messages to the board that were none, and bytes that found no room there, since its start. */
  readonly broken: number;
  readonly overrun: number;
}

export interface BoardOptions {
  /** For the line, in messages. */
  readonly name?: string;
  /** Milliseconds until a command is sent again, and how often it is sent. Default 500 and 5. */
  readonly timeout?: number;
  readonly tries?: number;
}

/** Times the name is asked for: a board that restarts when it is opened is silent for two seconds. */
const MOST_QUESTIONS = 10;

/**
 * An Arduino Uno with the firmware of devices/firmware, behind any line. Everything that comes is checked; what does
 * not come, or comes wrong, is counted, and a command that is not answered is sent again.
 */
export class FirmataBoard {
  /** Told of each frame of the encoder. */
  onFrame: (frame: BoardFrame) => void = () => {};
  readonly #line: Duplex;
  readonly #options: Required<BoardOptions>;
  readonly #parser = new FirmataParser();
  #code: Code = 'off';
  #frames = new EncoderFrames('off');
  /** The command before is answered, or given up. */
  #before: Promise<unknown> = Promise.resolve();
  #number = 0;
  #wrong = 0;
  #heard = (_message: CheckedMessage) => {};
  #named = (_name: string) => {};

  private constructor(line: Duplex, options: BoardOptions) {
    this.#line = line;
    this.#options = { name: 'board', timeout: 500, tries: 5, ...options };
    // A line that breaks is destroyed, and whoever asks the board hears of it.
    line.on('error', () => {});
    line.on('data', (bytes: Uint8Array) => {
      for (const message of this.#parser.take(bytes)) this.#take(message);
    });
  }

  /**
   * Waits until the board says what it is; where it does not, or is another one, closes the line and rejects with
   * `input`.
   */
  static async open(line: Duplex, options: BoardOptions = {}): Promise<FirmataBoard> {
    const board = new FirmataBoard(line, options);
    try {
      await board.#expectOurs();
      return board;
    } catch (problem) {
      await board.close();
      throw problem;
    }
  }

  async #expectOurs(): Promise<void> {
    const { name, timeout } = this.#options;
    const firmware = await this.#ask(
      MOST_QUESTIONS,
      (answer) => {
        this.#named = answer;
        this.#line.write(Uint8Array.of(SYSEX, NAME, SYSEX_END));
      },
      `says nothing within ${(MOST_QUESTIONS * timeout) / 1000} s`,
      'a board that speaks Firmata at 57,600 baud',
    );
    if (firmware === 'spikewire') return;
    throw new SpikewireError('input', name, `has the firmware "${firmware}"`, '"spikewire", of devices/firmware');
  }

  /** Messages that were broken on their way here, and of the encoder how many frames came and how many did not. */
  get counts(): { readonly broken: number; readonly frames: number; readonly lost: number } {
    const { frames, lost, strange } = this.#frames;
    return { broken: this.#parser.broken + this.#wrong + strange, frames, lost };
  }

  /** Starts the encoder anew. */
  async encode({ code, channels, period, threshold, gather = 0 }: EncoderSettings): Promise<void> {
    await this.stop();
    for (const [k, channel] of channels.entries()) {
      const own = typeof threshold === 'number' ? threshold : threshold[k]!;
      await this.#command('threshold', [channel, ...pack14(own)]);
    }
    const mask = channels.reduce((bits, channel) => bits | (1 << channel), 0);
    const times = [period & 127, (period >> 7) & 127, period >> 14];
    this.#code = code;
    await this.#command('configure', [CODES.indexOf(code), mask, gather, ...times]);
  }

  async stop(): Promise<void> {
    this.#code = 'off';
    await this.#command('configure', [0, 0, 0, 0, 0, 0]);
  }

  /** Has each channel sent once more, whether it changes or not; for the code `values`. */
  async refresh(): Promise<void> {
    await this.#command('refresh', []);
  }

  /** Shows an answer: the LED of pin 13 is lit, or not. */
  async show(isLit: boolean): Promise<void> {
    await this.#command('show', [isLit ? 1 : 0]);
  }

  async status(): Promise<BoardStatus> {
    const said = await this.#command('status', []);
    const [missed, dropped, broken, overrun] = [1, 3, 5, 7].map((at) => unpack14(said, at));
    return { missed: missed!, dropped: dropped!, broken: broken!, overrun: overrun! };
  }

  /**
   * Lets the board go over to another rate; the answer still comes at the one before. The line itself is the caller's.
   */
  async setLineRate(rate: LineRate): Promise<void> {
    await this.#command('line', [LINE_RATES.indexOf(rate)]);
  }

  async close(): Promise<void> {
    if (this.#line.closed) return;
    const closed = new Promise((resolve) => this.#line.once('close', resolve));
    this.#line.destroy();
    await closed;
  }

  #take({ first, data }: FirmataMessage): void {
    if (first !== SYSEX) return;
    if (data[0] === NAME) this.#named(nameIn(data));
    if (data[0] === EXTENSION) this.#takeChecked(unpackMessage(data));
  }

  #takeChecked(checked: CheckedMessage | undefined): void {
    if (checked === undefined) this.#wrong++;
    else if (checked.kind >= ANSWER) {
      // What is sent behind this answer is of the start that it answers.
      if (checked.kind === (ANSWER | COMMANDS.configure)) this.#frames = new EncoderFrames(this.#code);
      this.#heard(checked);
    } else {
      const frame = this.#frames.take(checked);
      if (frame !== undefined) this.onFrame(frame);
    }
  }

  /** One command after the other. */
  #command(name: keyof typeof COMMANDS, said: readonly number[]): Promise<Uint8Array> {
    const answer = this.#before.then(() => this.#obeyed(name, said));
    this.#before = answer.catch(() => {});
    return answer;
  }

  /** Sends a command until it is answered, and gives the answer; rejects with `input` where the board refuses. */
  async #obeyed(name: keyof typeof COMMANDS, said: readonly number[]): Promise<Uint8Array> {
    const kind = COMMANDS[name];
    if (said.some((value) => !Number.isInteger(value) || value < 0 || value > 127)) {
      throw new SpikewireError(
        'usage',
        this.#options.name,
        `${name} with [${said}]`,
        'whole numbers that fit seven bits',
      );
    }
    this.#number = (this.#number + 1) % 128;
    const number = this.#number;
    const answer = await this.#ask<CheckedMessage>(
      this.#options.tries,
      (take) => {
        this.#heard = (message) => {
          if (message.kind === (ANSWER | kind) && message.number === number) take(message);
        };
        this.#line.write(packMessage({ kind, number, said: Uint8Array.from(said) }));
      },
      `does not answer "${name}"`,
      'a board that is still there',
    );
    if (answer.said[0] === 1) return answer.said;
    throw new SpikewireError(
      'input',
      this.#options.name,
      `refuses "${name}" with [${said}]`,
      'a command of its README',
    );
  }

  /** Asks again and again until somebody answers. */
  async #ask<Answer>(
    tries: number,
    ask: (take: (answer: Answer) => void) => void,
    problem: string,
    expected: string,
  ): Promise<Answer> {
    for (let k = 0; k < tries && !this.#line.destroyed; k++) {
      const patience = new AbortController();
      const answer = new Promise<Answer>((resolve) => ask(resolve));
      const timeout = delay(this.#options.timeout, undefined, { signal: patience.signal }).catch(() => undefined);
      const heard = await Promise.race([answer.then((value) => ({ value })), timeout]);
      patience.abort();
      if (heard !== undefined) return heard.value;
    }
    throw new SpikewireError('input', this.#options.name, problem, expected);
  }
}

/** Two bytes of seven bits for each letter, behind kind and version. */
function nameIn(data: Uint8Array): string {
  const letters = Array.from({ length: Math.max(0, data.length - 3) >> 1 }, (_, k) => unpack14(data, 3 + 2 * k));
  return String.fromCharCode(...letters);
}
