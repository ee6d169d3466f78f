import type { ChannelRange } from '../../coding/range.ts';
import { SpikewireError } from '../../error.ts';
import { type KeptState, kept, prefixed } from '../../kept-numbers.ts';
import type { CodingDeclaration, FeatureStage } from '../../model/model.ts';
import type { EmitFrame, Feature, FeatureSite } from '../feature.ts';
import { FrameMemory } from '../frame-memory.ts';
import { FRAME_NUMBER, LARGEST_NUMBER } from '../frame-numbers.ts';
import { featureKindOf } from './features.ts';
import { pushThrough } from './push-through.ts';
import { type ScaledFrames, scaledFrames } from './scaled-frames.ts';
import { sideBySide } from './side-by-side.ts';

/** Stages of a chain, and features side by side in one of them. */
const MOST_STAGES = 16;
const MOST_SIDE_BY_SIDE = 64;

/**
 * Features in a row between the readings of a sensor and an encoder: each reading may complete a frame, and the frames
 * of all channels are then one sample of the encoder, channel by channel. O(1) or one window of memory per stage; a
 * reading allocates nothing.
 */
export class FeatureChain {
  /** Channels of the sensor. */
  readonly channels: number;
  /** Numbers of a reading: all channels, and where it begins with `block`, so many of each. */
  readonly inputs: number;
  /** The frames of all channels, once `take` has returned true: `channels` times the outputs of the last feature. */
  readonly values: Float64Array;
  /** Automatic ranges of its features. */
  readonly ranges: readonly ChannelRange[];
  /** Numbers that change while it runs; the sample among them, which may wait for those of other inputs. */
  readonly state: KeptState<Float64Array>;
  /** Readings from one sample to the next, 1 at least, once there was one. */
  readonly hop: number;
  /** Bytes of its arrays. */
  readonly bytes: number;
  /** Multiply-adds of a sample, on average, as its features estimate them. */
  readonly work: number;
  /** Readings in the windows of a sample, 1 at least; where one begins within a block, without that reading. */
  readonly span: number;
  /** From its scale on that can be fitted; undefined where there is none, or a sample takes several of its frames. */
  readonly scaled: ScaledFrames | undefined;
  readonly #where: string;
  readonly #features: readonly Feature[];
  readonly #frame: Float64Array;
  readonly #push: EmitFrame;
  #complete = false;

  /** Numbers that a chain gives of each channel, however many there are. Throws as the constructor does. */
  static outputsOf(where: string, stages: readonly FeatureStage[]): number {
    return prepareStages(where, stages, 1, new FrameMemory()).at(-1)!.outputs;
  }

  /** Whether such a chain, where samples are wanted early, has a scale that can be fitted later. */
  static canBeFitted(where: string, stages: readonly FeatureStage[]): boolean {
    return scaledFrames(prepareStages(where, stages, 1, new FrameMemory(), true), 1) !== undefined;
  }

  /**
   * Throws `graph` or `parameter` where the stages are no chain, `budget` where they would keep more than `memory` has.
   *
   * @param where for messages, such as `features.in`
   * @param numbers of a sample of the encoder, of which there must be a whole number of channels
   * @param early whether samples are wanted in the warm-up of what standardises them; only where that can be fitted later
   */
  constructor(
    where: string,
    stages: readonly FeatureStage[],
    numbers: number,
    memory = new FrameMemory(),
    early = false,
  ) {
    const outputs = FeatureChain.outputsOf(where, stages);
    if (numbers % outputs !== 0) {
      const problem = `gives ${outputs} numbers per channel`;
      throw new SpikewireError('parameter', where, problem, `a divisor of the ${numbers} that the encoder takes`);
    }
    this.#where = where;
    this.channels = numbers / outputs;
    const before = memory.arrayBytes;
    const features = prepareStages(where, stages, this.channels, memory, early);
    this.#features = features;
    this.hop = Math.ceil(1 / framesPerReading(features) - 1e-9);
    this.span = readingsUntilFrame(features.filter(({ scale, ranges }) => scale === undefined && ranges === undefined));
    this.#frame = new Float64Array(features[0]!.takes);
    this.inputs = this.channels * this.#frame.length;
    memory.take(where, numbers + this.#frame.length);
    this.values = new Float64Array(numbers);
    this.ranges = features.flatMap((feature) => feature.ranges ?? []);
    this.scaled = scaledFrames(features, this.channels);
    memory.take(where, this.scaled?.numbers ?? 0);
    this.bytes = memory.arrayBytes - before;
    this.work = this.channels * workPerFrame(features);
    const states = features.map(({ state }, k) => prefixed(String(k), state));
    this.state = Object.assign({}, ...states, this.scaled?.state, { sample: kept(this.values, FRAME_NUMBER) });
    const last: EmitFrame = (channel, frame) => {
      this.values.set(frame, channel * outputs);
      this.#complete = true;
    };
    this.#push = pushThrough(features, last, (feature, channel, frame) => this.scaled?.note(feature, channel, frame));
  }

  /** Whether a number of the sample is by a scale that follows the stream, so that what is usual hardly moves it. */
  follows(number: number): boolean {
    const last = this.#features.at(-1)!;
    return last.follows?.(number % last.outputs) ?? false;
  }

  /** Readings until there is a sample, 1 at least. */
  get missing(): number {
    return readingsUntilFrame(this.#features);
  }

  /** Whether one of its scales is in its warm-up. */
  get warmsUp(): boolean {
    return this.#features.some(({ scale }) => scale?.warmsUp);
  }

  /** Samples that so many readings complete, of a chain that has taken none. */
  samplesIn(readings: number): number {
    return framesIn(readings, this.#features);
  }

  /** What so many readings complete is enough for the warm-up of its scales; of a chain that has taken none. */
  limitWarmUp(readings: number): void {
    for (const [k, { scale }] of this.#features.entries()) {
      scale?.limitWarmUp(framesIn(readings, this.#features.slice(0, k)));
    }
  }

  /**
   * Takes a reading; whether `values` hold a new sample for the encoder. A reading of another length, or with a number
   * that is not finite or beyond 10^60, is refused with an `input` error before anything changes.
   */
  take(reading: ArrayLike<number>): boolean {
    this.check(reading);
    const width = this.#frame.length;
    this.#complete = false;
    for (let channel = 0; channel < this.channels; channel++) {
      for (let k = 0; k < width; k++) this.#frame[k] = reading[channel * width + k]!;
      this.#push(channel, this.#frame);
    }
    return this.#complete;
  }

  /** Throws what `take` would throw, and changes nothing. */
  check(reading: ArrayLike<number>): void {
    if (reading.length !== this.inputs) {
      throw new SpikewireError('input', this.#where, `reading has ${reading.length} numbers`, `${this.inputs}`);
    }
    for (let k = 0; k < reading.length; k++) {
      if (Math.abs(reading[k]!) <= LARGEST_NUMBER) continue;
      throw new SpikewireError('input', this.#where, `number ${k} is ${reading[k]}`, `within ±${LARGEST_NUMBER}`);
    }
  }
}

function prepareStages(
  where: string,
  stages: readonly FeatureStage[],
  channels: number,
  memory: FrameMemory,
  early = false,
): Feature[] {
  checkCount(where, stages, MOST_STAGES);
  const features: Feature[] = [];
  let width = 1;
  for (const [k, stage] of stages.entries()) {
    const path = `${where}[${k}]`;
    const feature = prepareStage(path, stage, { width, channels, memory, early });
    if (k > 0 && feature.takes !== width) {
      throw new SpikewireError('parameter', path, 'takes readings, not what a feature gives', 'the first place');
    }
    // What it hands on is looked at again before the next one takes it.
    memory.take(path, feature.outputs);
    features.push(feature);
    width = feature.outputs;
  }
  const frames = framesPerReading(features);
  // A reading is one window of the net, so it may complete one frame at most.
  if (frames > 1 + 1e-9) {
    throw new SpikewireError(
      'parameter',
      where,
      `gives ${Number(frames.toPrecision(4))} frames per reading`,
      'at most one: a longer hop or a shorter block',
    );
  }
  return features;
}

/** Multiply-adds of features in a row for a frame that they hand on, of one channel. */
function workPerFrame(features: readonly Feature[]): number {
  return features.reduce((sum, { work }, k) => sum + work / framesPerReading(features.slice(k)), 0);
}

/** Frames that so many readings complete, behind features that have taken none. */
function framesIn(readings: number, features: readonly Feature[]): number {
  return 1 + Math.floor((readings - readingsUntilFrame(features)) * framesPerReading(features) + 1e-9);
}

/** Readings until features hand on a frame, 1 at least. */
function readingsUntilFrame(features: readonly Feature[]): number {
  return features.reduceRight((frames, feature) => feature.takesFor?.(frames) ?? frames, 1);
}

function framesPerReading(features: readonly Feature[]): number {
  return features.reduce((product, { frames }) => product * (frames === 'each' ? 1 : frames), 1);
}

function prepareStage(where: string, stage: FeatureStage, site: FeatureSite): Feature {
  if ('type' in stage) return prepareFeature(where, stage, site);
  checkCount(where, stage, MOST_SIDE_BY_SIDE);
  return sideBySide(
    where,
    site,
    stage.map((declaration, k) => prepareFeature(`${where}[${k}]`, declaration, site)),
  );
}

function prepareFeature(where: string, { type, parameters }: CodingDeclaration, site: FeatureSite): Feature {
  const kind = featureKindOf(type, where);
  return kind.prepare(parameters, { ...site, where: `${where} (${type})` });
}

function checkCount(where: string, list: readonly unknown[], most: number): void {
  if (list.length >= 1 && list.length <= most) return;
  throw new SpikewireError('parameter', where, `has ${list.length} features`, `1 to ${most}`);
}
