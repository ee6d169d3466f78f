import { RandomGenerator, SpikewireError, shuffled } from '@spikewire/models';
import type { ClassifierKind } from '../baselines/classifier.ts';
import { type Standard, standardOf } from '../samples/standard.ts';
import type { ClassStream, StreamSample, Trial } from './class-stream.ts';
import { baseView, bothViews, runningView } from './views.ts';

/** A fifth of the base is never learned: by it forgetting is measured. */
const HELD = 5;
/** Of the deviation of a number that never moved in the base. */
const STEADY = 1e-3;

export interface PreparationOptions {
  readonly seed: number;
  readonly shuffle: boolean;
  /** Classes that the base must not have; −1 for none. The one left out does not count in streams either. */
  readonly leftOut: number;
  readonly added: number;
}

/** A base that was divided and standardised. */
export interface PreparedBase {
  readonly standard: Standard;
  readonly kept: ViewedSamples;
  readonly held: ViewedSamples;
}

export interface PreparedSamples {
  readonly raw: readonly Float64Array[];
  /** Standardised by the base. */
  readonly samples: readonly Float32Array[];
  readonly labels: Int32Array;
  /** What each is of, such as a person. */
  readonly segments: readonly string[];
}

export interface ViewedSamples extends PreparedSamples {
  /** Standardised by the base, and behind that by running statistics. */
  readonly both: readonly Float32Array[];
}

export interface PreparedStream {
  readonly name: string;
  readonly raw: readonly Float64Array[];
  readonly views: Readonly<Record<ClassifierKind['view'], readonly Float32Array[]>>;
  readonly classes: Int16Array;
  /** The same, −1 where a sample does not count. */
  readonly truth: Int16Array;
  readonly segments: readonly string[];
}

/** In an order by chance, without the classes that it must not have. Throws `file` where nothing is left. */
export function prepareBase(trial: Trial, { seed, shuffle, leftOut, added }: PreparationOptions): PreparedBase {
  const random = new RandomGenerator(seed, `base ${trial.name}`);
  const allowed = trial.base.filter(({ label }) => label !== leftOut && label !== added);
  expectSamples(`base of ${trial.name}`, allowed);
  const order = shuffled(shuffle ? relabelled(allowed, random) : allowed, random);
  const held = Math.floor(order.length / HELD);
  const standard = standardOf(
    order.slice(held).map(({ values }) => values),
    STEADY,
  );
  const viewed = (part: readonly StreamSample[]) => {
    const raw = part.map(({ values }) => values);
    const labels = Int32Array.from(part, ({ label }) => label);
    const segments = part.map(({ segment }) => segment);
    const samples = baseView(raw, standard);
    return { raw, samples, both: bothViews(samples, runningView(raw, standard)), labels, segments };
  };
  return { standard, kept: viewed(order.slice(held)), held: viewed(order.slice(0, held)) };
}

/** Throws `file` where there is nothing in it. */
export function prepareStream(
  { name, samples }: ClassStream,
  standard: Standard,
  { seed, shuffle, leftOut }: PreparationOptions,
): PreparedStream {
  expectSamples(name, samples);
  const own = shuffle ? relabelled(samples, new RandomGenerator(seed, `labels of ${name}`)) : samples;
  const raw = own.map(({ values }) => values);
  const [base, running] = [baseView(raw, standard), runningView(raw, standard)];
  return {
    name,
    raw,
    views: { base, running, both: bothViews(base, running) },
    classes: Int16Array.from(own, ({ label }) => label),
    truth: Int16Array.from(own, ({ label }) => (label === leftOut ? -1 : label)),
    segments: own.map(({ segment }) => segment),
  };
}

function expectSamples(where: string, samples: readonly StreamSample[]): void {
  if (samples.length === 0) throw new SpikewireError('file', where, 'has no samples', 'one at least');
}

/** The same samples with each other's labels. */
function relabelled(samples: readonly StreamSample[], random: RandomGenerator): StreamSample[] {
  const labels = shuffled(
    samples.map(({ label }) => label),
    random,
  );
  return samples.map((sample, n) => ({ ...sample, label: labels[n]! }));
}
