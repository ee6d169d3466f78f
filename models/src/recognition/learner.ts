import type { Decoded, DecoderState, Teachable, TeachableScores } from '../coding/decoder.ts';
import { SpikewireError } from '../error.ts';
import { ClassNames } from './class-names.ts';
import { CountScale } from './count-scale.ts';
import { Experts } from './experts.ts';
import type { Readout } from './readout.ts';

export interface LearnerOptions {
  readonly where: string;
  /** Elements of the Output. */
  readonly size: number;
  /** Halves of the front that see the sample differently; each has read-outs of its own. */
  readonly views: 1 | 2;
  readonly labels: readonly string[];
  readonly mostClasses: number;
  /** Lessons of a rare class count for more: frequency^−½, at most 3. */
  readonly balance: boolean;
  readonly readout: (inputs: number) => Readout;
}

/** Sharpness β of e^(β·score): scores are about 1 for the right class and 0 for the others. */
const SHARPNESS = 6;
/** What is believed of the experts before any label, as losses: of {base, adapted} for each view. */
const PRIORS = [
  [1, 0],
  [3, 2],
] as const;
const MOST_BALANCE = 3;

/** A view of the sample: its scale, what learns from it, and a copy of what that knew when the base was set. */
interface View {
  readonly scale: CountScale;
  readonly adapted: Readout;
  readonly base: Float32Array;
  readonly x: Float64Array;
}

/**
 * Learns classes from spike counts, lesson by lesson, beside a base that stays. The answer is a mixture of base and
 * adapted read-outs of each view, weighed by how well they foresaw the labels.
 */
export class Learner implements Teachable {
  readonly mostClasses: number;
  readonly evidence: Uint8Array;
  readonly #options: LearnerOptions;
  readonly #names: ClassNames;
  readonly #views: readonly View[];
  readonly #experts: Experts;
  /** Lessons of each class. */
  readonly #taught: Float64Array;
  /** Lessons, whether there is a base, lessons since then, and of these right: base, adapted, served. */
  readonly #counts = new Float64Array(6);
  /** Rows of an expert each: base and adapted of the first view, then of the second. */
  readonly #probabilities: Float64Array;
  readonly #scores: Float64Array;
  readonly #decoded: { values: Float64Array; winner: number; confidence: number; unknown: boolean };
  #before: readonly Float64Array[] | readonly unknown[] | undefined;

  constructor(options: LearnerOptions) {
    const { where, size, views, labels, mostClasses } = options;
    if (size % views !== 0) {
      throw new SpikewireError('parameter', where, `has ${size} elements`, `a multiple of its ${views} views`);
    }
    this.#options = options;
    this.mostClasses = mostClasses;
    this.evidence = new Uint8Array(size);
    this.#names = new ClassNames(where, mostClasses, labels);
    const inputs = size / views + 1;
    this.#views = Array.from({ length: views }, () => {
      const adapted = options.readout(inputs);
      const x = new Float64Array(inputs);
      x[0] = 1;
      return { scale: new CountScale(size / views), adapted, base: new Float32Array(adapted.weights.length), x };
    });
    this.#experts = new Experts(2 * views);
    this.#taught = new Float64Array(mostClasses);
    this.#probabilities = new Float64Array(2 * views * mostClasses);
    this.#scores = new Float64Array(2 * views * mostClasses);
    this.#decoded = { values: new Float64Array(mostClasses), winner: -1, confidence: 0, unknown: false };
    this.#believe();
  }

  get classes(): readonly string[] {
    return this.#names.list;
  }

  get lessons(): number {
    return this.#counts[0]!;
  }

  get hasBase(): boolean {
    return this.#counts[1] === 1;
  }

  get scores(): TeachableScores {
    const [labels, base, adapted, served] = this.#counts.subarray(2) as unknown as readonly number[];
    return { labels: labels!, base: base!, adapted: adapted!, served: served! };
  }

  /** Everything that changes, as views. */
  get state(): DecoderState {
    return { evidence: this.evidence, ...this.#learned };
  }

  get #learned(): DecoderState {
    const ofViews = this.#views.flatMap(({ scale, adapted, base }, v) => [
      ...Object.entries(scale.state).map(([key, view]) => [`scale.${v}.${key}`, view] as const),
      ...Object.entries(adapted.state).map(([key, view]) => [`adapted.${v}.${key}`, view] as const),
      [`base.${v}`, base] as const,
    ]);
    return {
      classes: this.#names.bytes,
      taught: this.#taught,
      counts: this.#counts,
      losses: this.#experts.losses,
      ...Object.fromEntries(ofViews),
    };
  }

  decodeCounts(counts: ArrayLike<number>): Decoded {
    for (let i = 0; i < this.evidence.length; i++) this.evidence[i] = Math.max(0, Math.min(255, counts[i]!));
    for (const [v, view] of this.#views.entries()) {
      if (view.scale.observe(this.evidence, v * view.scale.size)) this.#rescale(view);
    }
    return this.#answer(this.evidence);
  }

  teach(evidence: ArrayLike<number>, label: string): void {
    if (evidence.length !== this.evidence.length) {
      const problem = `lesson has ${evidence.length} counts`;
      throw new SpikewireError('input', this.#options.where, problem, `${this.evidence.length}`);
    }
    const before = Object.values(this.#learned).map((view) => view.slice());
    const place = this.#names.placeOf(label);
    this.#before = before;
    const { winner } = this.#answer(evidence);
    this.#test(place, winner);
    this.#taught[place]! += 1;
    this.#counts[0]! += 1;
    const lesson = { label: place, classes: this.#names.count, weight: this.#weightOf(place) };
    for (const [v, { adapted, x }] of this.#views.entries()) {
      adapted.learn(x, this.#scoresOf(2 * v + 1), lesson);
    }
  }

  takeBack(): boolean {
    if (this.#before === undefined) return false;
    for (const [k, view] of Object.values(this.#learned).entries()) view.set(this.#before[k] as never);
    this.#before = undefined;
    return true;
  }

  settle(): void {
    const lessons = this.hasBase ? this.#counts[2]! : this.lessons;
    for (const view of this.#views) {
      if (view.scale.settle()) this.#rescale(view);
      view.adapted.settle(lessons);
      view.base.set(view.adapted.weights);
    }
    this.#counts[1] = 1;
    this.#beginScores();
  }

  returnToBase(): void {
    for (const { adapted, base } of this.#views) {
      if (!this.hasBase) adapted.begin();
      adapted.weights.set(base);
      adapted.settle(0);
    }
    if (!this.hasBase) {
      this.#taught.fill(0);
      this.#counts.fill(0);
    }
    this.#beginScores();
  }

  #beginScores(): void {
    this.#before = undefined;
    this.#counts.fill(0, 2);
    this.#believe();
  }

  #believe(): void {
    const priors = this.#views.flatMap((_, v) => [
      this.hasBase ? PRIORS[v]![0] : Number.POSITIVE_INFINITY,
      PRIORS[v]![1],
    ]);
    this.#experts.begin(priors);
  }

  #rescale({ scale, adapted, x }: View): void {
    const slope = new Float64Array(x.length);
    const shift = new Float64Array(x.length);
    scale.takeOver(slope, shift);
    if (this.lessons === 0) adapted.begin();
    else adapted.rescale(slope, shift);
  }

  #answer(evidence: ArrayLike<number>): Decoded {
    const classes = this.#names.count;
    for (const [v, { scale, adapted, base, x }] of this.#views.entries()) {
      scale.apply(evidence, v * scale.size, x);
      for (const [own, weights] of [base, adapted.weights].entries()) {
        adapted.score(weights, x, classes, this.#scoresOf(2 * v + own));
        this.#toProbabilities(2 * v + own, classes);
      }
    }
    const decoded = this.#decoded;
    this.#experts.mix(this.#probabilities, decoded.values);
    decoded.winner = this.lessons === 0 ? -1 : bestOf(decoded.values);
    decoded.confidence = decoded.winner < 0 ? 0 : decoded.values[decoded.winner]!;
    return decoded;
  }

  #scoresOf(expert: number): Float64Array {
    return this.#scores.subarray(expert * this.mostClasses, (expert + 1) * this.mostClasses);
  }

  /** Softmax of an expert's scores, over the classes that were taught. */
  #toProbabilities(expert: number, classes: number): void {
    const first = expert * this.mostClasses;
    let largest = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < classes; c++) if (this.#taught[c]! > 0) largest = Math.max(largest, this.#scores[first + c]!);
    let total = 0;
    for (let c = 0; c < classes; c++) {
      const p = this.#taught[c]! > 0 ? Math.exp(SHARPNESS * (this.#scores[first + c]! - largest)) : 0;
      this.#probabilities[first + c] = p;
      total += p;
    }
    for (let c = 0; c < classes && total > 0; c++) this.#probabilities[first + c]! /= total;
  }

  /** What the label says of the answers that were given before it was learned. */
  #test(label: number, winner: number): void {
    const right = (first: number) => {
      let best = 0;
      const mean = (c: number) => {
        let sum = 0;
        for (let v = 0; v < this.#views.length; v++)
          sum += this.#probabilities[(2 * v + first) * this.mostClasses + c]!;
        return sum;
      };
      for (let c = 1; c < this.mostClasses; c++) if (mean(c) > mean(best)) best = c;
      return best === label && mean(best) > 0;
    };
    this.#counts[2]! += 1;
    if (this.hasBase && right(0)) this.#counts[3]! += 1;
    if (right(1)) this.#counts[4]! += 1;
    if (winner === label) this.#counts[5]! += 1;
    if (this.#taught[label]! > 0) this.#experts.learn(label, this.#probabilities, this.mostClasses);
  }

  #weightOf(label: number): number {
    if (!this.#options.balance) return 1;
    const total = this.#taught.reduce((sum, count) => sum + count, 0);
    const classes = this.#taught.reduce((count, own) => count + (own > 0 ? 1 : 0), 0);
    return Math.min(MOST_BALANCE, Math.sqrt(total / classes / this.#taught[label]!));
  }
}

function bestOf(values: Float64Array): number {
  let best = 0;
  for (let c = 1; c < values.length; c++) if (values[c]! > values[best]!) best = c;
  return best;
}
