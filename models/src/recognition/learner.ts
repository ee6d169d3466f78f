import { SpikewireError } from '../error.ts';
import {
  agreeing,
  anything,
  flag,
  type KeptNumbers,
  type KeptState,
  kept,
  prefixed,
  real,
  whole,
} from '../kept-numbers.ts';
import type { RandomGenerator } from '../random/generator.ts';
import { CALIBRATED, Calibration } from './calibration.ts';
import { ClassNames, LONGEST_NAME } from './class-names.ts';
import { CountScale, scaleBytes } from './count-scale.ts';
import type { DriftDetector } from './drift.ts';
import { Experts } from './experts.ts';
import { Familiarity } from './familiarity.ts';
import type { Readout, ReadoutKind } from './readouts/readout.ts';
import { REPEATED, REPETITION_WEIGHT, Replay } from './replay.ts';
import type {
  Decoded,
  FixedExpert,
  FixedReadout,
  RebaseProblem,
  RepeatedLesson,
  Teachable,
  TeachableCost,
  TeachableScores,
} from './teachable.ts';
import { winnerOf } from './winner.ts';
import { WorseThanBase } from './worse-than-base.ts';

export interface LearnerOptions {
  readonly where: string;
  /** Elements of the Output. */
  readonly size: number;
  /** Halves of the front that see the sample differently; each has read-outs of its own. */
  readonly views: number;
  readonly labels: readonly string[];
  readonly mostClasses: number;
  readonly readout: ReadoutKind;
  /** Whether base and adapted answer together; else the adapted one alone. */
  readonly mixture: boolean;
  /** Lessons of a rare class count for more: frequency^−½, at most 3. */
  readonly balance: boolean;
  /** Sees whether the adapted answers are wrong; undefined: nothing re-opens what was learned. */
  readonly drift: DriftDetector | undefined;
  /** Lessons per 100 windows; the rest is only scored. */
  readonly budget: number | undefined;
  /** Weight with which a window without a label teaches what it was taken for; 0: not at all. */
  readonly selfTraining: number;
  /** Lessons kept to be repeated. */
  readonly replay: number;
  readonly random: RandomGenerator;
}

/** Sharpness β of e^(β·score): scores are about 1 for the right class and 0 for the others. */
const SHARPNESS = 6;
/** What is believed of the experts before any label, as losses: of {base, adapted} for each view. */
const PRIORS = [
  [1, 0],
  [3, 2],
] as const;
/** Votes count as much as the first view until a label tells which is better. */
const VOTES_PRIOR = 0;
const MOST_BALANCE = 3;
/** Of a view: 8 MB for its triangle. */
const MOST_NEURONS = 2048;
/** What is left of the weight of all that was learned after a drift, in samples. */
const SAMPLES_AFTER_DRIFT = 10;
/** Self-training needs this confidence. */
const SURE = 0.9;
/** Even an answer without doubt may be about something strange. */
const LEAST_DOUBT = 0.05;

/** Indices of the counts that are kept. */
const LESSONS = 0;
const HAS_BASE = 1;
const LABELS = 2;
const BASE_RIGHT = 3;
const ADAPTED_RIGHT = 4;
const SERVED_RIGHT = 5;
const LESSONS_SINCE_BASE = 6;
const ALLOWANCE = 7;
const COUNTS = 8;

type Numbers = Float64Array | Float32Array | Uint32Array | Uint8Array;

/** What decides how large a learner is. */
type LearnerSize = Pick<LearnerOptions, 'size' | 'views' | 'mostClasses' | 'replay' | 'readout'> & {
  readonly drift: Pick<DriftDetector, 'state'> | undefined;
};

/** What it takes while there are `classes`, with a base beside what it learns or without. */
export function learnerCost(options: LearnerSize, classes: number, hasBase: boolean): TeachableCost {
  const { size, views, mostClasses, replay, readout, drift } = options;
  const inputs = size / views + 1;
  const own = readout.cost(inputs, mostClasses, classes);
  const repeated = Math.min(REPEATED, replay);
  const base = 4 * inputs * mostClasses;
  const ofReplay = replay === 0 ? 0 : replay * (size + 1) + 24;
  const ofClasses = (LONGEST_NAME + 8) * mostClasses;
  const ofState = 8 * (COUNTS + 2 * views + 1 + CALIBRATED + 4) + (drift?.state.byteLength ?? 0);
  const learned = views * (scaleBytes(inputs - 1) + own.learnedBytes + base) + ofReplay + ofClasses + ofState;
  const ofProbabilities = 8 * ((4 * views + 3) * mostClasses + 2 * views + 1);
  const working = views * (own.workingBytes + 8 * inputs) + size + ofProbabilities;
  const answer = (hasBase ? 2 : 1) * own.scoreWork + own.strangenessWork + inputs;
  const scored = own.scoreWork + inputs;
  return {
    bytes: learned + working,
    undoBytes: learned,
    answerWork: views * answer,
    lessonWork: views * (answer + own.lessonWork + repeated * (scored + own.lessonWork)),
  };
}

/** A view of the sample: its scale, what learns from it, and a copy of what that knew when the base was set. */
interface View {
  readonly scale: CountScale;
  readonly adapted: Readout;
  readonly base: Float32Array;
  readonly x: Float64Array;
}

/**
 * Learns classes from spike counts, lesson by lesson, beside a base that stays. The answer is a mixture of base and
 * adapted read-outs of each view, and of votes where somebody has any, weighed by how well they foresaw the labels.
 * Where the adapted ones are worse than the base with confidence, they go back to it.
 */
export class Learner implements Teachable {
  readonly mostClasses: number;
  readonly evidence: Uint8Array;
  /** How strange the last window was, in units of its own; the larger the stranger. */
  strangeness = 0;
  readonly #options: LearnerOptions;
  readonly #names: ClassNames;
  readonly #views: readonly View[];
  /** Base and adapted of each view, and last the votes. */
  readonly #experts: Experts;
  #hasVotes = false;
  readonly #calibration = new Calibration();
  readonly #familiarity = new Familiarity();
  readonly #guard = new WorseThanBase();
  readonly #replay: Replay;
  /** Lessons of each class. */
  readonly #taught: Float64Array;
  readonly #counts = new Float64Array(COUNTS);
  /** Of base and adapted of the first view, then of the second: scores, and as rows the probabilities and the votes. */
  readonly #scores: readonly Float64Array[];
  readonly #probabilities: Float64Array;
  readonly #mixed: Float64Array;
  readonly #decoded: { values: Float64Array; winner: number; confidence: number; unknown: boolean; base: number };
  /** What had been learned before the last lesson: as much memory again, from the first lesson on. */
  #before: readonly Numbers[] | undefined;
  #canTakeBack = false;

  constructor(options: LearnerOptions) {
    const { where, size, views, labels, mostClasses } = options;
    if (size % views !== 0) {
      throw new SpikewireError('parameter', where, `has ${size} elements`, `a multiple of its ${views} views`);
    }
    if (size / views > MOST_NEURONS) {
      const problem = `would learn from ${size / views} elements in a view`;
      throw new SpikewireError('budget', where, problem, `at most ${MOST_NEURONS}: its memory grows with their square`);
    }
    this.#options = options;
    this.mostClasses = mostClasses;
    this.evidence = new Uint8Array(size);
    this.#names = new ClassNames(where, mostClasses, labels);
    this.#views = Array.from({ length: views }, () => viewOf(options));
    // The base of each view, before there is one or where it is not asked; votes where nobody gave any.
    const isSilent = (e: number) => (e === 2 * views ? !this.#hasVotes : e % 2 === 0 && !this.#isBaseAsked);
    this.#experts = new Experts(2 * views + 1, isSilent);
    this.#replay = new Replay(options.replay, size, mostClasses, options.random);
    this.#taught = new Float64Array(mostClasses);
    this.#scores = Array.from({ length: 2 * views }, () => new Float64Array(mostClasses));
    this.#probabilities = new Float64Array((2 * views + 1) * mostClasses);
    this.#mixed = new Float64Array(mostClasses);
    this.#decoded = { values: new Float64Array(mostClasses), winner: -1, confidence: 0, unknown: false, base: -1 };
    this.#counts[ALLOWANCE] = options.budget ?? 0;
    this.#believe();
  }

  get cost(): TeachableCost {
    return learnerCost(this.#options, Math.max(1, this.#names.count), this.hasBase);
  }

  get classes(): readonly string[] {
    return this.#names.list;
  }

  get lessons(): number {
    return this.#counts[LESSONS]!;
  }

  get hasBase(): boolean {
    return this.#counts[HAS_BASE] === 1;
  }

  get #isBaseAsked(): boolean {
    return this.hasBase && this.#options.mixture;
  }

  get scores(): TeachableScores {
    const counts = this.#counts;
    return {
      labels: counts[LABELS]!,
      base: counts[BASE_RIGHT]!,
      adapted: counts[ADAPTED_RIGHT]!,
      served: counts[SERVED_RIGHT]!,
    };
  }

  get fixed(): FixedReadout | undefined {
    if (this.lessons === 0 || !this.#views.every(({ adapted }) => adapted.linear)) return undefined;
    const classes = this.#names.count;
    const taught = Array.from(this.#taught.subarray(0, classes), (lessons) => lessons > 0);
    this.#hasVotes = false; // those who compute it elsewhere have none
    return { taught, sharpness: SHARPNESS, experts: this.#views.flatMap((view, v) => this.#fixedExperts(view, v)) };
  }

  /** Base and adapted of a view, or one of them where the other has no say or says the same. */
  #fixedExperts({ scale, adapted, base }: View, v: number): readonly FixedExpert[] {
    const ofExpert = (rows: Float32Array, share: number): FixedExpert => ({
      share,
      first: v * scale.size,
      middle: scale.inUse.middle.slice(),
      unit: scale.inUse.unit.slice(),
      weights: rows.slice(0, this.#names.count * (scale.size + 1)),
    });
    const [ofBase, ofAdapted] = this.#experts.shares.subarray(2 * v, 2 * v + 2) as unknown as [number, number];
    const isSame = base.every((weight, k) => weight === adapted.weights[k]);
    if (ofBase === 0 || isSame) return [ofExpert(adapted.weights, ofBase + ofAdapted)];
    return [ofExpert(base, ofBase), ofExpert(adapted.weights, ofAdapted)];
  }

  /** Everything that changes. */
  get state(): KeptState<Numbers> {
    return { evidence: kept(this.evidence, anything), ...this.#learned };
  }

  get #learned(): KeptState<Numbers> {
    const ofViews = this.#views.map(({ scale, adapted, base }, v) => ({
      ...prefixed(`scale.${v}`, scale.state),
      ...prefixed(`adapted.${v}`, adapted.state),
      [`base.${v}`]: { ...kept(base, real()), sameAs: () => (this.hasBase ? adapted.weights : undefined) },
    }));
    const [ofReadouts, ofVotes] = [this.#experts.losses.subarray(0, -1), this.#experts.losses.subarray(-1)];
    return {
      classes: this.#names.kept,
      taught: this.#keptTaught,
      counts: kept(this.#counts, whole(), flag, whole(), whole(), whole(), whole(), whole(), real(0)),
      // Those of a silent base were infinite in states of before.
      losses: kept(ofReadouts, ...this.#views.flatMap(() => [real(0, Number.POSITIVE_INFINITY), real(0)])),
      // A state of a build that took no votes lacks it: they have no say there.
      votesLoss: { ...kept(ofVotes, real(0, Number.POSITIVE_INFINITY)), lacking: Number.POSITIVE_INFINITY },
      calibration: kept(this.#calibration.losses, real(0)),
      familiarity: this.#familiarity.kept,
      guard: kept(this.#guard.state, real(0)),
      ...(this.#options.drift && { drift: this.#options.drift.kept }),
      ...(this.#options.replay > 0 && prefixed('replay', this.#replay.state)),
      ...Object.assign({}, ...ofViews),
    };
  }

  get #keptTaught(): KeptNumbers<Float64Array> {
    return agreeing(kept(this.#taught, whole()), 'lessons of classes that have names, if any', (saved) => {
      const taught = saved(this.#taught);
      const classes = this.#names.countIn(saved(this.#names.bytes));
      const isTaught = taught.some((lessons) => lessons > 0);
      return isTaught === saved(this.#counts)[LESSONS]! > 0 && taught.subarray(classes).every((count) => count === 0);
    });
  }

  decodeCounts(counts: ArrayLike<number>, learning = true, votes?: ArrayLike<number>): Decoded {
    const { budget, selfTraining } = this.#options;
    for (let i = 0; i < this.evidence.length; i++) this.evidence[i] = Math.max(0, Math.min(255, counts[i]!));
    if (!learning) return this.#answer(this.evidence, votes);
    for (const [v, view] of this.#views.entries()) {
      if (view.scale.observe(this.evidence, v * view.scale.size)) this.#rescale(view);
    }
    if (budget !== undefined) this.#counts[ALLOWANCE] = Math.min(budget, this.#counts[ALLOWANCE]! + budget / 100);
    const decoded = this.#answer(this.evidence, votes);
    if (selfTraining > 0 && !decoded.unknown && decoded.confidence > SURE) this.#learn(decoded.winner, selfTraining);
    return decoded;
  }

  teach(evidence: ArrayLike<number>, label: string, votes?: ArrayLike<number>): void {
    if (evidence.length !== this.evidence.length) {
      const problem = `lesson has ${evidence.length} counts`;
      throw new SpikewireError('input', this.#options.where, problem, `${this.evidence.length}`);
    }
    this.#names.expectRoomFor(label);
    this.#remember();
    const index = this.#names.indexOf(label);
    this.#canTakeBack = true;
    this.#answer(evidence, votes);
    this.#test(index);
    if (!this.#mayLearn()) return;
    this.#taught[index]! += 1;
    this.#counts[LESSONS]! += 1;
    this.#counts[LESSONS_SINCE_BASE]! += 1;
    this.#learn(index, this.#weightOf(index));
    this.#replay.repeat((repeated, its) => {
      this.#score(repeated);
      this.#learn(its, REPETITION_WEIGHT);
    });
    this.#replay.add(evidence, index);
  }

  relearn(lessons: readonly RepeatedLesson[]): void {
    for (const [v, view] of this.#views.entries()) {
      view.scale.begin();
      for (const { evidence } of lessons) view.scale.observe(evidence, v * view.scale.size);
      this.#rescale(view);
      view.adapted.begin();
    }
    this.#replay.begin();
    for (const { evidence, label } of lessons) {
      this.#score(evidence);
      this.#learn(label, this.#weightOf(label));
      this.#replay.add(evidence, label);
    }
  }

  takeBack(): boolean {
    if (!this.#canTakeBack) return false;
    for (const [k, { view }] of Object.values(this.#learned).entries()) view.set(this.#before![k]!);
    this.#canTakeBack = false;
    return true;
  }

  settle(): boolean {
    if (this.lessons === 0) return false;
    for (const view of this.#views) {
      if (view.scale.settle()) this.#rescale(view);
      view.adapted.settle(this.#counts[LESSONS_SINCE_BASE]!);
      view.base.set(view.adapted.weights);
    }
    this.#counts.fill(0, LABELS, ALLOWANCE);
    this.#counts[HAS_BASE] = 1;
    this.#canTakeBack = false;
    this.#believe();
    return true;
  }

  returnToBase(): void {
    this.#goBack();
    this.#canTakeBack = false;
  }

  rebase(learned: Teachable, former: Teachable): RebaseProblem | undefined {
    const isAlike = (other: Teachable): other is Learner =>
      other instanceof Learner && other.#views.length === this.#views.length;
    if (!isAlike(learned) || !isAlike(former)) return 'kind';
    const problem = this.#problemOfRebasing(learned, former);
    if (problem !== undefined) return problem;
    const before = Object.values(this.#learned).map(({ view }) => view.slice());
    for (const name of learned.classes) this.#names.indexOf(name);
    for (const [v, view] of this.#views.entries()) {
      const [ofLearned, ofFormer] = [learned.#views[v]!, former.#views[v]!];
      for (const other of [ofLearned, ofFormer]) rescaleTo(view, other);
      const refused = view.adapted.rebase!(ofLearned.adapted, ofFormer.adapted, this.#names.count);
      if (refused === undefined) continue;
      for (const [k, { view: own }] of Object.values(this.#learned).entries()) own.set(before[k]!);
      return refused;
    }
    this.#addCounts(learned, former);
    this.#canTakeBack = false;
    return undefined;
  }

  #problemOfRebasing(learned: Learner, former: Learner): RebaseProblem | undefined {
    const all = [this, learned, former];
    const isSummed = all.every((each) => each.#views.every(({ adapted }) => adapted.rebase !== undefined));
    const sizeOf = ({ evidence, mostClasses }: Learner) => `${evidence.length} ${mostClasses}`;
    if (!isSummed || all.some((each) => sizeOf(each) !== sizeOf(this))) return 'kind';
    // A learned one that settled, or went back to its base, no longer is the former one and its lessons.
    const isSince = learned.#counts[LESSONS_SINCE_BASE] === learned.lessons - former.lessons;
    if (!isSince || all.some(({ hasBase }) => !hasBase)) return 'base';
    const [shorter, longer] = [this.classes, learned.classes].sort((a, b) => a.length - b.length);
    return shorter!.every((name, k) => name === longer![k]) ? undefined : 'classes';
  }

  /** What is told of lessons beside the sums. What judged the former base says nothing of this one. */
  #addCounts(learned: Learner, former: Learner): void {
    for (let c = 0; c < this.mostClasses; c++) this.#taught[c]! += learned.#taught[c]! - former.#taught[c]!;
    this.#counts[LESSONS]! += learned.lessons - former.lessons;
    this.#counts[LESSONS_SINCE_BASE] = learned.#counts[LESSONS_SINCE_BASE]!;
    if (learned.lessons === former.lessons) return;
    this.#calibration.losses.set(learned.#calibration.losses);
    this.#familiarity.state.set(learned.#familiarity.state);
    this.#counts[ALLOWANCE] = learned.#counts[ALLOWANCE]!;
    for (const [name, { view }] of Object.entries(this.#replay.state)) view.set(learned.#replay.state[name]!.view);
  }

  #goBack(): void {
    for (const { adapted, base } of this.#views) {
      if (!this.hasBase) adapted.begin();
      adapted.weights.set(base);
      adapted.settle(0);
    }
    if (!this.hasBase) {
      this.#taught.fill(0);
      this.#counts.fill(0, 0, ALLOWANCE);
      this.#replay.begin();
      this.#calibration.begin();
      this.#familiarity.state.fill(0);
    }
    this.#counts[LESSONS_SINCE_BASE] = 0;
    this.#believe();
  }

  #remember(): void {
    const views = Object.values(this.#learned).map(({ view }) => view);
    this.#before ??= views.map((view) => view.slice());
    for (const [k, view] of views.entries()) this.#before[k]!.set(view);
  }

  /** Nothing is known yet of how base and adapted differ. */
  #believe(): void {
    const ofViews = this.#views.flatMap((_, v) => [this.#isBaseAsked ? PRIORS[v]![0] : 0, PRIORS[v]![1]]);
    this.#experts.begin([...ofViews, VOTES_PRIOR]);
    this.#guard.begin();
    this.#options.drift?.begin();
  }

  #rescale({ scale, adapted, base, x }: View): void {
    const slope = new Float64Array(x.length);
    const shift = new Float64Array(x.length);
    scale.takeOver(slope, shift);
    if (this.lessons === 0) adapted.begin();
    else adapted.rescale(slope, shift, base);
  }

  winnerOf(counts: ArrayLike<number>): number {
    return this.#name(counts).winner;
  }

  #answer(evidence: ArrayLike<number>, votes?: ArrayLike<number>): Decoded & { readonly confidence: number } {
    const decoded = this.#name(evidence, votes);
    this.strangeness = decoded.winner < 0 ? 0 : this.#strangenessOf(1 - this.#mixed[decoded.winner]!);
    decoded.unknown = decoded.winner >= 0 && this.#familiarity.isUnknown(this.strangeness);
    decoded.base = this.hasBase ? this.#winnerOf(0) : -1;
    return decoded;
  }

  /** An answer, but for how strange the window is. */
  #name(evidence: ArrayLike<number>, votes?: ArrayLike<number>) {
    this.#score(evidence);
    this.#hasVotes = votes !== undefined && this.#options.mixture;
    if (this.#hasVotes) this.#probabilities.set(votes!, 2 * this.#views.length * this.mostClasses);
    const classes = this.#names.count;
    for (let e = 0; e < this.#scores.length; e++) this.#toProbabilities(e, classes);
    this.#experts.mix(this.#probabilities, this.#mixed);
    const decoded = this.#decoded;
    this.#calibration.apply(this.#mixed, decoded.values);
    decoded.winner = this.lessons === 0 ? -1 : winnerOf(decoded.values);
    decoded.confidence = decoded.winner < 0 ? 0 : decoded.values[decoded.winner]!;
    return decoded;
  }

  /** What speaks for each class, by base and adapted of each view. */
  #score(evidence: ArrayLike<number>): void {
    const classes = this.#names.count;
    for (const [v, { scale, adapted, base, x }] of this.#views.entries()) {
      scale.apply(evidence, v * scale.size, x);
      if (this.hasBase) adapted.score(base, x, classes, this.#scores[2 * v]!);
      adapted.score(adapted.weights, x, classes, this.#scores[2 * v + 1]!);
    }
  }

  /** What the view knows least about that knows more, times the doubt. */
  #strangenessOf(doubt: number): number {
    let least = Number.POSITIVE_INFINITY;
    for (const { adapted, x } of this.#views) least = Math.min(least, adapted.strangeness(x));
    return least * (doubt + LEAST_DOUBT);
  }

  /** Softmax of an expert's scores, over the classes that were taught. */
  #toProbabilities(expert: number, classes: number): void {
    const scores = this.#scores[expert]!;
    const first = expert * this.mostClasses;
    let largest = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < classes; c++) if (this.#taught[c]! > 0) largest = Math.max(largest, scores[c]!);
    let total = 0;
    for (let c = 0; c < this.mostClasses; c++) {
      const p = this.#taught[c]! > 0 ? Math.exp(SHARPNESS * (scores[c]! - largest)) : 0;
      this.#probabilities[first + c] = p;
      total += p;
    }
    for (let c = 0; c < classes && total > 0; c++) this.#probabilities[first + c]! /= total;
  }

  /** What the label says of the answers that were given before it was learned. */
  #test(label: number): void {
    const served = !this.#decoded.unknown && this.#decoded.winner === label;
    const adapted = this.lessons > 0 && this.#winnerOf(1) === label;
    const base = this.hasBase && this.#winnerOf(0) === label;
    this.#counts[LABELS]! += 1;
    if (served) this.#counts[SERVED_RIGHT]! += 1;
    if (adapted) this.#counts[ADAPTED_RIGHT]! += 1;
    if (base) this.#counts[BASE_RIGHT]! += 1;
    if (this.#taught[label] === 0) return;
    this.#experts.learn(label, this.#probabilities, this.mostClasses);
    this.#calibration.learn(this.#mixed, label);
    this.#familiarity.learn(this.strangeness);
    if (this.#options.drift?.learn(adapted ? 0 : 1)) {
      for (const view of this.#views) view.adapted.weighAtMost(SAMPLES_AFTER_DRIFT);
    }
    if (this.hasBase && this.#guard.learn(base, adapted)) this.#abandon();
  }

  /** Goes back to the base in the middle of a lesson, which can still be taken back. */
  #abandon(): void {
    this.#goBack();
    for (const [v, { adapted, x }] of this.#views.entries()) {
      adapted.score(adapted.weights, x, this.#names.count, this.#scores[2 * v + 1]!);
    }
  }

  /** The class that the base (0) or the adapted (1) read-outs of all views name together. */
  #winnerOf(which: 0 | 1): number {
    const together = (c: number) => {
      let sum = 0;
      for (let v = 0; v < this.#views.length; v++) sum += this.#probabilities[(2 * v + which) * this.mostClasses + c]!;
      return sum;
    };
    let winner = 0;
    for (let c = 1; c < this.mostClasses; c++) if (together(c) > together(winner)) winner = c;
    return winner;
  }

  #mayLearn(): boolean {
    if (this.#options.budget === undefined) return true;
    if (this.#counts[ALLOWANCE]! < 1) return false;
    this.#counts[ALLOWANCE]! -= 1;
    return true;
  }

  /** Of the window that was answered last. */
  #learn(label: number, weight: number): void {
    const lesson = { label, classes: this.#names.count, weight };
    for (const [v, { adapted, x }] of this.#views.entries()) adapted.learn(x, this.#scores[2 * v + 1]!, lesson);
  }

  #weightOf(label: number): number {
    if (!this.#options.balance) return 1;
    const total = this.#taught.reduce((sum, count) => sum + count, 0);
    const classes = this.#taught.reduce((count, own) => count + (own > 0 ? 1 : 0), 0);
    return Math.min(MOST_BALANCE, Math.sqrt(total / classes / this.#taught[label]!));
  }
}

/** Lets `other` say the same of samples in the scale of another view. */
function rescaleTo({ scale }: View, other: View): void {
  const slope = new Float64Array(other.x.length);
  const shift = new Float64Array(other.x.length);
  scale.from(other.scale, slope, shift);
  other.adapted.rescale(slope, shift, other.base);
}

function viewOf({ size, views, readout, mostClasses }: LearnerOptions): View {
  const inputs = size / views + 1;
  const adapted = readout.open(inputs, mostClasses);
  const x = new Float64Array(inputs);
  x[0] = 1;
  return { scale: new CountScale(size / views), adapted, base: new Float32Array(adapted.weights.length), x };
}
