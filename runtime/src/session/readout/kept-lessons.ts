import { anything, type KeptState, kept, RandomGenerator, real, unknownOr, whole } from '@spikewire/models';

/** Bytes of the samples of lessons, and of the newest windows, which a late label may still reach. */
const LESSON_BYTES = 196_608;
const WINDOW_BYTES = 32_768;
/** What they take together at most, with their labels, order and zeros. */
export const MOST_KEPT_BYTES = 262_144;
const MOST_LESSONS = 2048;
const MOST_WINDOWS = 64;
/** Ordinals of lessons are drawn among so many at most. */
const MOST_SEEN = 2 ** 32 - 1;

/** A lesson as it can be taught again behind another front with the same input. */
export interface KeptLesson {
  /** The sample as the encoders got it, or, where its scale is fitted to lessons, what that scale took; float32. */
  readonly sample: Float64Array;
  /** Whether its reading was all zeros. */
  readonly isZero: boolean;
  /** Index of the class. */
  readonly label: number;
  /** When it was taught, as a number that grows. */
  readonly order: number;
}

/**
 * Lessons with the samples that they were about, so that a net on another base can be taught them again. At most
 * 256 kB: of more lessons each ever is kept with the same probability (reservoir sampling: Vitter 1985, algorithm R).
 */
export class KeptLessons {
  readonly #size: number;
  readonly #classes: number;
  readonly #samples: Float32Array;
  /** [whether its reading was zeros, index of the class + 1] of each; 0, 0 behind the last. */
  readonly #about: Uint32Array;
  /** When each was taught, as a number that grows. */
  readonly #order: Float64Array;
  /** [lessons ever, those of them before the base was set]. */
  readonly #seen = new Float64Array(2);
  readonly #random: RandomGenerator;
  /** Of the newest windows; NaN where nothing was remembered. */
  readonly #recent: Float32Array;
  readonly #zeros: Float64Array;
  /** What the last lesson changed. */
  #before: (() => void) | undefined;

  /** Samples have `size` numbers, labels are among so many classes. */
  constructor(size: number, classes: number, seed: number) {
    const bytes = size * Float32Array.BYTES_PER_ELEMENT;
    const lessons = Math.min(MOST_LESSONS, Math.floor(LESSON_BYTES / (bytes + 16)));
    const windows = Math.min(MOST_WINDOWS, Math.floor(WINDOW_BYTES / bytes));
    this.#size = size;
    this.#classes = classes;
    this.#samples = new Float32Array(windows === 0 ? 0 : lessons * size);
    this.#about = new Uint32Array(windows === 0 ? 0 : 2 * lessons);
    this.#order = new Float64Array(windows === 0 ? 0 : lessons);
    this.#random = new RandomGenerator(seed, 'kept lessons');
    this.#recent = new Float32Array(windows * size).fill(Number.NaN);
    this.#zeros = new Float64Array(windows);
  }

  /** Everything that changes. A state of a build, or of a host, that kept no lessons lacks it. */
  get state(): KeptState<Float32Array | Float64Array | Uint32Array> {
    return {
      lessonSamples: { ...kept(this.#samples, real()), lacking: 0 },
      lessonAbout: { ...kept(this.#about, whole(0, this.#classes)), lacking: 0 },
      lessonOrder: { ...kept(this.#order, whole(0, MOST_SEEN)), lacking: 0 },
      lessonsSeen: { ...kept(this.#seen, whole(0, MOST_SEEN)), lacking: 0 },
      lessonRandom: { ...this.#random.kept, lacking: 1 },
      lessonWindows: { ...kept(this.#recent, unknownOr(real())), lacking: Number.NaN },
      lessonZeros: { ...kept(this.#zeros, anything), lacking: 0 },
    };
  }

  get #capacity(): number {
    return this.#order.length;
  }

  get count(): number {
    for (let k = 0; k < this.#capacity; k++) if (this.#about[2 * k + 1] === 0) return k;
    return this.#capacity;
  }

  /** Lessons ever, which the order of each is below. */
  get ever(): number {
    return this.#seen[0]!;
  }

  /** In the order in which they were taught. */
  get list(): readonly KeptLesson[] {
    const places = Array.from({ length: this.count }, (_, k) => k);
    places.sort((a, b) => this.#order[a]! - this.#order[b]!);
    return places.map((k) => ({
      sample: Float64Array.from(this.#samples.subarray(k * this.#size, (k + 1) * this.#size)),
      isZero: this.#about[2 * k] === 1,
      label: this.#about[2 * k + 1]! - 1,
      order: this.#order[k]!,
    }));
  }

  /** Remembers what a window was made of, by the window's number. */
  remember(window: number, sample: ArrayLike<number>, isZero: boolean): void {
    if (this.#zeros.length === 0) return;
    const slot = window % this.#zeros.length;
    this.#recent.set(sample, slot * this.#size);
    this.#zeros[slot] = isZero ? 1 : 0;
  }

  /** Keeps a lesson about a window, or not, where that is still remembered; `newest` is the last window. */
  add(window: number, newest: number, label: number): void {
    this.#before = undefined;
    if (newest - window >= this.#zeros.length) return;
    const slot = window % this.#zeros.length;
    const sample = this.#recent.subarray(slot * this.#size, (slot + 1) * this.#size);
    if (!sample.every(Number.isFinite)) return;
    this.#noteBefore();
    const [seen, count] = [Math.min(MOST_SEEN - 1, this.#seen[0]!), this.count];
    this.#seen[0] = seen + 1;
    const index = count < this.#capacity ? count : this.#random.nextInteger(seen + 1);
    if (index < this.#capacity) this.#write(index, sample, [this.#zeros[slot]!, label + 1], seen);
  }

  #write(index: number, sample: ArrayLike<number>, about: readonly number[], order: number): void {
    const before = this.#before;
    const first = index * this.#size;
    const [was, said] = [this.#samples.slice(first, first + this.#size), this.#about.slice(2 * index, 2 * index + 2)];
    const when = this.#order[index]!;
    this.#before = () => {
      before?.();
      this.#samples.set(was, first);
      this.#about.set(said, 2 * index);
      this.#order[index] = when;
    };
    this.#samples.set(sample, first);
    this.#about.set(about, 2 * index);
    this.#order[index] = order;
  }

  #noteBefore(): void {
    const [seen, random] = [this.#seen.slice(), this.#random.state.slice()];
    this.#before = () => {
      this.#seen.set(seen);
      this.#random.state.set(random);
    };
  }

  /** Undoes the last lesson, where that was kept. */
  takeBack(): void {
    this.#before?.();
    this.#before = undefined;
  }

  /** Its state is another one now: a lesson of before cannot be taken back from that. */
  restored(): void {
    this.#before = undefined;
  }

  /** What was taught until now is the base. */
  settle(): void {
    this.#seen[1] = this.#seen[0]!;
    this.#before = undefined;
  }

  /** Forgets what was taught since the base was set. */
  returnToBase(): void {
    const [until, { list }] = [this.#seen[1]!, this];
    const orders = Array.from(this.#order.subarray(0, list.length)).sort((a, b) => a - b);
    this.#about.fill(0);
    for (const [k, { sample, isZero, label }] of list.entries()) {
      if (orders[k]! < until) this.#write(k, sample, [isZero ? 1 : 0, label + 1], orders[k]!);
    }
    this.#seen[0] = until;
    this.#before = undefined;
  }

  /** Goes on from those of another net, whose classes have these indices here; −1: such lessons are left out. */
  takeOver(other: KeptLessons, indexOf: (label: number) => number): void {
    const known = other.list.filter(({ label }) => indexOf(label) >= 0).slice(-this.#capacity);
    this.#about.fill(0);
    for (const [k, { sample, isZero, label }] of known.entries()) {
      this.#write(k, sample, [isZero ? 1 : 0, indexOf(label) + 1], k);
    }
    this.#seen.set([Math.max(known.length, other.#seen[0]!), 0]);
    this.#random.state.set(other.#random.state);
    this.#before = undefined;
  }
}
