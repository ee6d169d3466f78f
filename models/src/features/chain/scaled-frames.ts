import { type KeptState, kept, leaving } from '../../kept-numbers.ts';
import type { EmitFrame, Feature } from '../feature.ts';
import { FRAME_NUMBER } from '../frame-numbers.ts';
import type { FrameScale, TaughtFrames } from '../frame-scale.ts';
import { pushThrough } from './push-through.ts';

/**
 * The end of a chain, from a scale on that can be fitted. What that took for the last sample is remembered, so that the
 * same frames can be made a sample again when the scale is another one.
 */
export class ScaledFrames {
  /** What the scale took for the last sample: frames of all channels. */
  readonly frames: Float64Array;
  readonly #features: readonly Feature[];
  readonly #scale: FrameScale;
  readonly #channels: number;
  readonly #values: Float64Array;
  readonly #push: EmitFrame;
  /** What follows the scale, as it begins. */
  readonly #initial: readonly Float64Array[];

  constructor(features: readonly Feature[], scale: FrameScale, channels: number) {
    const { outputs } = features.at(-1)!;
    this.#features = features;
    this.#scale = scale;
    this.#channels = channels;
    this.frames = new Float64Array(channels * features[0]!.takes);
    this.#values = new Float64Array(channels * outputs);
    this.#push = pushThrough(features, (channel, frame) => this.#values.set(frame, channel * outputs));
    this.#initial = this.#following.map((view) => view.slice());
  }

  /** Numbers of its arrays. */
  get numbers(): number {
    const ofFeatures = this.#features.reduce((sum, { outputs }) => sum + outputs, 0);
    return [this.frames, this.#values, ...this.#initial].reduce((sum, { length }) => sum + length, ofFeatures);
  }

  /** The frames; a state of a build that did not remember them lacks them. */
  get state(): KeptState<Float64Array> {
    return { frames: { ...kept(this.frames, FRAME_NUMBER), lacking: 0 } };
  }

  get #following(): readonly Float64Array[] {
    return this.#features.slice(1).flatMap(({ state }) => Object.values(state).map(({ view }) => view));
  }

  /** Remembers what a feature takes, where that is the scale. */
  note(feature: Feature, channel: number, frame: Float64Array): void {
    if (feature === this.#features[0]) this.frames.set(frame, channel * feature.takes);
  }

  /** The sample that such frames make now; valid until the next call. Nothing else changes. */
  again(frames: Float64Array): Float64Array {
    const { takes } = this.#features[0]!;
    const states = this.#features.map(({ state }) => state);
    return leaving(states, () => {
      for (let channel = 0; channel < this.#channels; channel++) {
        this.#push(channel, frames.subarray(channel * takes, (channel + 1) * takes));
      }
      return this.#values;
    });
  }

  /** Fits the scale to lessons; none: it is that of the warm-up. What follows it begins anew. */
  fit(lessons: readonly TaughtFrames[]): void {
    if (lessons.length > 0) this.#scale.fit(lessons);
    else this.#scale.unfit();
    for (const [k, view] of this.#following.entries()) view.set(this.#initial[k]!);
  }

  /** How large a deviation of a number of the sample is: 1, and less for one that tells no classes apart. */
  relevanceOf(number: number): number {
    const { takes } = this.#features[0]!;
    const { outputs } = this.#features.at(-1)!;
    const k = number % outputs;
    return k < takes ? this.#scale.relevanceOf(Math.floor(number / outputs), k) : 1;
  }

  /** Bytes of all that `fit` changes. */
  get fittedBytes(): number {
    return this.fitted.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  /** All that `fit` changes, as views. */
  get fitted(): readonly Float64Array[] {
    return [...Object.values(this.#scale.fitted).map(({ view }) => view), ...this.#following];
  }
}

/** Undefined where no scale can be fitted, or several of its frames make a sample. */
export function scaledFrames(features: readonly Feature[], channels: number): ScaledFrames | undefined {
  const first = features.findIndex(({ scale }) => scale?.early);
  const following = features.slice(first + 1);
  if (first < 0 || following.some(({ frames }) => frames !== 'each')) return undefined;
  return new ScaledFrames(features.slice(first), features[first]!.scale!, channels);
}
