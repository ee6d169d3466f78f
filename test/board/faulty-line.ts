import { RandomGenerator } from '@spikewire/models';
import type { BoardLine } from '../../devices/src/accelerators/fpga/board-line.ts';
import { FLAG } from '../../devices/src/accelerators/fpga/frame.ts';

/** Shares of frames, 0 … 1, to which something happens. */
export interface Faults {
  /** A bit of one byte, or a whole byte, is another one. */
  readonly changed: number;
  /** One byte is missing, or comes twice. */
  readonly lostByte: number;
  readonly doubledByte: number;
  /** The frame ends early, its last flag too. */
  readonly cut: number;
  /** The whole frame is missing, comes twice, or after one to three later ones. */
  readonly lost: number;
  readonly doubled: number;
  readonly late: number;
  /** Noise comes before it. */
  readonly noise: number;
}

/** What a line does to frames in one direction, by a seed. */
class FaultyDirection {
  readonly happened: Record<keyof Faults, number>;
  readonly #faults: Faults;
  readonly #random: RandomGenerator;
  readonly #pass: (bytes: Uint8Array) => void;
  #held: { readonly frame: Uint8Array; after: number }[] = [];

  constructor(faults: Faults, seed: number, direction: string, pass: (bytes: Uint8Array) => void) {
    this.#faults = faults;
    this.#random = new RandomGenerator(seed, direction);
    this.#pass = pass;
    this.happened = { changed: 0, lostByte: 0, doubledByte: 0, cut: 0, lost: 0, doubled: 0, late: 0, noise: 0 };
  }

  take(frame: Uint8Array): void {
    const fate = this.#draw();
    if (fate !== undefined) this.happened[fate]++;
    if (fate === 'late') this.#held.push({ frame, after: 1 + this.#random.nextInteger(3) });
    else for (const bytes of this.#treat(fate, frame)) this.#pass(bytes);
    const late = this.#held.filter((held) => --held.after < 0);
    this.#held = this.#held.filter((held) => held.after >= 0);
    for (const held of late) this.#pass(held.frame);
  }

  #draw(): keyof Faults | undefined {
    let left = this.#random.nextUniform();
    for (const [fault, share] of Object.entries(this.#faults) as [keyof Faults, number][]) {
      if (left < share) return fault;
      left -= share;
    }
    return undefined;
  }

  #treat(fate: keyof Faults | undefined, frame: Uint8Array): Uint8Array[] {
    const at = this.#random.nextInteger(frame.length);
    const [before, byte, after] = [frame.subarray(0, at), frame[at]!, frame.subarray(at + 1)];
    switch (fate) {
      case 'changed':
        return [Uint8Array.of(...before, byte ^ this.#difference(), ...after)];
      case 'lostByte':
        return [before, after];
      case 'doubledByte':
        return [before, Uint8Array.of(byte, byte), after];
      case 'cut':
        return [before];
      case 'lost':
        return [];
      case 'doubled':
        return [frame, frame];
      case 'noise':
        return [Uint8Array.from({ length: 1 + at }, () => this.#random.nextInteger(256)), frame];
      default:
        return [frame];
    }
  }

  #difference(): number {
    const isOneBit = this.#random.nextUniform() < 0.5;
    return isOneBit ? 1 << this.#random.nextInteger(8) : 1 + this.#random.nextInteger(255);
  }
}

/** A line that does something wrong to a share of the frames in each direction, by a seed. */
export class FaultyLine implements BoardLine {
  readonly name: string;
  /** Frames that something happened to, in both directions. */
  readonly directions: readonly FaultyDirection[];
  readonly #line: BoardLine;
  #onBytes: (bytes: Uint8Array) => void = () => {};
  #coming: number[] = [];
  readonly #toBoard: FaultyDirection;
  readonly #toHost: FaultyDirection;

  constructor(line: BoardLine, faults: Faults, seed: number) {
    this.name = line.name;
    this.#line = line;
    this.#toBoard = new FaultyDirection(faults, seed, 'to the board', (bytes) => line.write(bytes));
    this.#toHost = new FaultyDirection(faults, seed, 'to the host', (bytes) => this.#onBytes(bytes));
    this.directions = [this.#toBoard, this.#toHost];
  }

  write(bytes: Uint8Array): void {
    this.#toBoard.take(bytes);
  }

  listen(onBytes: (bytes: Uint8Array) => void, onGone: (problem: string) => void): void {
    this.#onBytes = onBytes;
    this.#line.listen((bytes) => this.#split(bytes), onGone);
  }

  /** Passes on what comes between two flags, with them. */
  #split(bytes: Uint8Array): void {
    for (const byte of bytes) {
      this.#coming.push(byte);
      if (byte !== FLAG || this.#coming.length < 3) continue;
      this.#toHost.take(Uint8Array.from(this.#coming));
      this.#coming = [FLAG];
    }
  }

  close(): Promise<void> {
    return this.#line.close();
  }
}
