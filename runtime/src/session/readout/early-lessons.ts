import { FRAME_NUMBER, type KeptState, kept, Neighbours, unknownOr, whole } from '@spikewire/models';

/** Lessons that are kept, and windows that a late one still finds; fewer where frames are large. */
const MOST = 64;
/** Each of so many changes the scale by much. */
const FEW = 12;
/** Numbers of frames that are kept of either. */
const MOST_NUMBERS = 16_384;

export interface EarlyLesson {
  /** What the scale of the features took: a view. */
  readonly frames: Float64Array;
  /** Index of the class. */
  readonly label: number;
}

/**
 * The first lessons of a read-out, as the numbers that its features had before they were standardised: so the read-out
 * can learn them again when the scale of the features has changed. Of fixed size; what comes later is not kept.
 */
export class EarlyLessons {
  readonly #size: number;
  readonly #classes: number;
  readonly #capacity: number;
  /** Of the newest windows, by their number; NaN where nothing was remembered. */
  readonly #recent: Float64Array;
  readonly #frames: Float64Array;
  /** Index of the class + 1; 0 behind the last lesson. */
  readonly #labels: Uint32Array;

  /** `size` numbers are those of a window's frames; labels are among so many classes. */
  constructor(size: number, classes: number) {
    this.#size = size;
    this.#classes = classes;
    this.#capacity = Math.min(MOST, Math.floor(MOST_NUMBERS / size));
    this.#recent = new Float64Array(this.#capacity * size).fill(Number.NaN);
    this.#frames = new Float64Array(this.#capacity * size);
    this.#labels = new Uint32Array(this.#capacity);
  }

  /** Everything that changes. A state of a build that kept no lessons lacks it. */
  get state(): KeptState<Float64Array | Uint32Array> {
    return {
      earlyRecent: { ...kept(this.#recent, unknownOr(FRAME_NUMBER)), lacking: Number.NaN },
      earlyFrames: { ...kept(this.#frames, FRAME_NUMBER), lacking: 0 },
      earlyLabels: { ...kept(this.#labels, whole(0, this.#classes)), lacking: 0 },
    };
  }

  /** Bytes of the nearest of them, once they are asked for. */
  get neighbourBytes(): number {
    return Neighbours.bytes(this.#capacity, this.#size);
  }

  get count(): number {
    const end = this.#labels.indexOf(0);
    return end < 0 ? this.#capacity : end;
  }

  get list(): readonly EarlyLesson[] {
    return Array.from({ length: this.count }, (_, k) => ({
      frames: this.#frameAt(this.#frames, k),
      label: this.#labels[k]! - 1,
    }));
  }

  #frameAt(frames: Float64Array, index: number): Float64Array {
    return frames.subarray(index * this.#size, (index + 1) * this.#size);
  }

  /**
   * Whether all of them are to be learned again with the last one: with each of the first, the first of a class, and
   * every fourth, so that many lessons in a row do not hold up the stream.
   */
  get isDue(): boolean {
    const { count } = this;
    const last = this.#labels[count - 1];
    return count <= FEW || count % 4 === 0 || this.#labels.indexOf(last!) === count - 1;
  }

  /** Remembers what a window was made of, by the window's number. */
  remember(window: number, frames: Float64Array): void {
    if (this.#capacity > 0) this.#recent.set(frames, (window % this.#capacity) * this.#size);
  }

  /** What a window was made of: a view; undefined where it is not remembered, `newest` the last one. */
  framesOf(window: number, newest: number): Float64Array | undefined {
    if (newest - window >= this.#capacity) return undefined;
    const frames = this.#frameAt(this.#recent, window % this.#capacity);
    return frames.some(Number.isNaN) ? undefined : frames;
  }

  /** The windows that are remembered, `newest` the last of them. */
  recent(newest: number): readonly { readonly window: number; readonly frames: Float64Array }[] {
    const windows = Array.from({ length: Math.min(this.#capacity, newest + 1) }, (_, k) => newest - k);
    return windows.flatMap((window) => {
      const frames = this.framesOf(window, newest);
      return frames === undefined ? [] : [{ window, frames }];
    });
  }

  /** Keeps a lesson about a window, where there is room and the window is remembered. */
  add(window: number, newest: number, label: number): void {
    const index = this.count;
    const frames = this.framesOf(window, newest);
    if (index === this.#capacity || frames === undefined) return;
    this.#frames.set(frames, index * this.#size);
    this.#labels[index] = label + 1;
  }

  /** Only the first `count` are kept. */
  keep(count: number): void {
    this.#labels.fill(0, count);
  }
}
