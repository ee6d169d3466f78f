import {
  type ChannelRange,
  type Emit,
  encoderBytes,
  FeatureChain,
  FrameMemory,
  flag,
  type KeptState,
  kept,
  type Level,
  leaving,
  type Model,
  prefixed,
  RandomGenerator,
  type ResolvedGraph,
  type ScaledFrames,
  SpikewireError,
} from '@spikewire/models';
import { EventBuffer, type EventList } from '../event-buffer.ts';
import { type EncodedInput, InputEncoders, inputsOf } from './input-encoders.ts';

interface StagedInput extends EncodedInput {
  /** What readings go through before the encoder gets them. */
  readonly features: FeaturedInput | undefined;
  /** Numbers of a reading that are its own, and the first of them. */
  readonly inputs: number;
  readonly start: number;
}

interface FeaturedInput {
  readonly chain: FeatureChain;
  /** [1] while the chain has a sample that no window has had yet. */
  readonly fresh: Float64Array;
}

/**
 * From a reading to the events of its window: the features and encoders of all Input nodes, which share the reading's
 * numbers in order. Where features gather several readings, a window comes with the reading that completes the sample
 * of every input.
 */
export class InputStage {
  /** Numbers of one reading. */
  readonly channels: number;
  /**
   * The last sample as the encoders got it: the reading, or what its features made of it. Valid until the next reading.
   */
  readonly sample: Float64Array;
  readonly #encoders: InputEncoders;
  readonly #inputs: readonly StagedInput[];
  readonly #ranges: readonly ChannelRange[];
  readonly #buffer: EventBuffer;
  /** What takes the events of each input. */
  readonly #takers: readonly Emit[];

  /**
   * `early`: samples are wanted before what standardises them knows what is usual, where this can be fitted later and
   * nothing else has a warm-up.
   */
  constructor(model: Model, graph: ResolvedGraph, seed: number, early = false) {
    const sites = inputsOf(graph);
    const { steps, rest = 0 } = model.sample;
    this.#encoders = new InputEncoders(model.encoder, sites, {
      steps: () => steps,
      dt: graph.semantics.dt,
      randomOf: (name) => new RandomGenerator(seed, `encoder ${name}`),
    });
    const isEarly = early && sites.length === 1;
    let start = 0;
    this.#inputs = this.#encoders.inputs.map((input) => {
      const { channels, range } = input.encoder;
      const features = featuresOf(model, input.name, channels, isEarly && range.of === 0);
      const inputs = features?.chain.inputs ?? channels;
      start += inputs;
      return { ...input, features, inputs, start: start - inputs };
    });
    this.channels = start;
    this.sample = new Float64Array(this.#encoders.channels);
    this.#ranges = this.#inputs.flatMap(({ encoder, features }) => [...(features?.chain.ranges ?? []), encoder.range]);
    this.#buffer = new EventBuffer(sites.reduce((sum, { elements }) => sum + elements, 0) * steps);
    // A window begins with its rest.
    this.#takers = sites.map(
      ({ node }) =>
        (step, index, value) =>
          this.#buffer.push(rest + step, node, index, value),
    );
  }

  /** Samples of the automatic ranges' warm-up. */
  get warmUp(): { readonly done: number; readonly of: number } {
    const slowest = this.#ranges.reduce((a, b) => (b.of - b.samples > a.of - a.samples ? b : a));
    return { done: slowest.samples, of: slowest.of };
  }

  /** Ends the warm-up of ranges that have had this share of it. */
  endWarmUp(share: number): void {
    for (const range of this.#ranges) range.endWarmUp(share * range.of);
  }

  /** So many readings are enough for what standardises samples; of a stage that has taken none. */
  limitWarmUp(readings: number): void {
    for (const { features } of this.#inputs) features?.chain.limitWarmUp(readings);
  }

  /** Whether something is still learned from the first samples: a range, or what standardises them. */
  get warmsUp(): boolean {
    return !this.ready || this.#inputs.some(({ features }) => features?.chain.warmsUp);
  }

  /** Readings until the next sample, 1 at least. */
  get missing(): number {
    return Math.max(...this.#inputs.map(({ features }) => (features?.fresh[0] === 0 ? features.chain.missing : 1)));
  }

  /** Readings from one sample to the next, 1 at least. */
  get hop(): number {
    return Math.max(...this.#inputs.map(({ features }) => features?.chain.hop ?? 1));
  }

  /** Readings in the windows of a sample, 1 at least. */
  get span(): number {
    return Math.max(...this.#inputs.map(({ features }) => features?.chain.span ?? 1));
  }

  get ready(): boolean {
    return this.#ranges.every((range) => range.ready);
  }

  /** Encodes a reading; undefined where it completes no sample. An `input` error leaves everything as it was. */
  encode(values: Float64Array): EventList | undefined {
    this.#check(values);
    return this.#gather(values) ? this.#encode(this.sample) : undefined;
  }

  #encode(sample: Float64Array): EventList {
    this.#buffer.clear();
    this.#encoders.encode(sample, (input) => this.#takers[input]!);
    return this.#inputs.length > 1 ? sortedBySteps(this.#buffer.toList()) : this.#buffer.toList();
  }

  /** Of a stage that is early: what makes samples of what standardises them, which can be done again. */
  get scaled(): ScaledFrames | undefined {
    return this.#inputs[0]?.features?.chain.scaled;
  }

  /** Events of another sample of its only input, as now; nothing else changes. */
  encodeAgain(sample: Float64Array): EventList {
    const [{ encoder, random }] = this.#inputs as [StagedInput];
    return leaving([encoder.state, { random: random.kept }], () => this.#encode(sample));
  }

  /** Takes the reading into the sample; whether this is complete. */
  #gather(values: Float64Array): boolean {
    for (const { features, inputs, start } of this.#inputs) {
      if (features?.chain.take(values.subarray(start, start + inputs))) features.fresh[0] = 1;
    }
    if (this.#inputs.some(({ features }) => features?.fresh[0] === 0)) return false;
    for (const { features, inputs, start, offset } of this.#inputs) {
      features?.fresh.fill(0);
      this.sample.set(features?.chain.values ?? values.subarray(start, start + inputs), offset);
    }
    return true;
  }

  /** All encoders refuse together, so that no one has taken a sample that another refuses. */
  #check(values: Float64Array): void {
    if (values.length !== this.channels) {
      throw new SpikewireError('input', 'reading', `has ${values.length} values`, `${this.channels}`);
    }
    const bad = values.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) throw new SpikewireError('input', `reading, channel ${bad}`, `is ${values[bad]}`, 'a finite number');
    for (const { features, inputs, start } of this.#inputs) {
      features?.chain.check(values.subarray(start, start + inputs));
    }
  }

  /** Lets the ranges that follow follow the last sample; whether there are any. */
  follow(): boolean {
    for (const { encoder, offset } of this.#inputs) {
      encoder.range.follow(this.sample.subarray(offset, offset + encoder.channels));
    }
    return this.#inputs.some(({ encoder }) => encoder.range.follows);
  }

  /** Moves the ranges that follow to a new level of some channels; whether one did. */
  moveTo({ low, high }: Level): boolean {
    const moved = this.#inputs.map(({ encoder: { range, channels }, offset }) =>
      Array.from({ length: channels }, (_, channel) => {
        const [from, to] = [low[offset + channel]!, high[offset + channel]!];
        return !Number.isNaN(from) && range.moveTo(channel, from, to);
      }),
    );
    return moved.flat().includes(true);
  }

  /** How many times as wide the range of a number of the sample is as it was first found. */
  growthOf(channel: number): number {
    const { encoder, offset } = this.#inputOf(channel);
    return encoder.range.growth(channel - offset);
  }

  /** Ends of the range of a number of the sample, in the units in which the encoder gets it. */
  rangeOf(channel: number): { readonly low: number; readonly high: number } {
    const { encoder, offset } = this.#inputOf(channel);
    const { low, high } = encoder.range;
    return { low: low[channel - offset]!, high: high[channel - offset]! };
  }

  /** The same where the number stays what it was: undefined where it is by a scale that follows the stream. */
  steadyRangeOf(channel: number): { readonly low: number; readonly high: number } | undefined {
    const { features, offset } = this.#inputOf(channel);
    if (features?.chain.follows(channel - offset)) return undefined;
    const { low, high } = this.rangeOf(channel);
    const relevance = features?.chain.scaled?.relevanceOf(channel - offset) ?? 1;
    return { low: low * relevance, high: high * relevance };
  }

  #inputOf(channel: number): StagedInput {
    return this.#inputs.findLast(({ offset }) => offset <= channel)!;
  }

  /** Bytes of the features' arrays. */
  get featureBytes(): number {
    return this.#inputs.reduce((sum, { features }) => sum + (features?.chain.bytes ?? 0), 0);
  }

  /** Bytes of the encoders' arrays, and of the sample and events that they work with. */
  get encoderBytes(): number {
    const ofInputs = this.#inputs.reduce((sum, { encoder, random }) => {
      return sum + encoderBytes(encoder) + random.state.byteLength;
    }, 0);
    return ofInputs + this.sample.byteLength + this.#buffer.bytes;
  }

  /** Multiply-adds of the features for a sample, as they estimate them. */
  get featureWork(): number {
    return this.#inputs.reduce((sum, { features }) => sum + (features?.chain.work ?? 0), 0);
  }

  /** Everything that changes, for saving and restoring. */
  get state(): KeptState<Float64Array | Uint32Array> {
    const states = this.#inputs.map(({ name, encoder, random, features }) => ({
      ...(features && prefixed(`features.${name}`, { ...features.chain.state, fresh: kept(features.fresh, flag) })),
      ...prefixed(`encoder.${name}`, { random: random.kept, ...encoder.state }),
    }));
    return Object.assign({}, ...states);
  }
}

function featuresOf({ features }: Model, name: string, numbers: number, early: boolean): FeaturedInput | undefined {
  const stages = features?.get(name);
  if (stages === undefined) return undefined;
  const where = `features of "${name}"`;
  const chain = new FeatureChain(
    where,
    stages,
    numbers,
    new FrameMemory(),
    early && FeatureChain.canBeFitted(where, stages),
  );
  return { chain, fresh: new Float64Array(1) };
}

function sortedBySteps(list: EventList): EventList {
  const order = Array.from(list.step.keys()).sort((a, b) => list.step[a]! - list.step[b]! || a - b);
  return {
    step: Int32Array.from(order, (k) => list.step[k]!),
    node: Int32Array.from(order, (k) => list.node[k]!),
    index: Int32Array.from(order, (k) => list.index[k]!),
    value: Float64Array.from(order, (k) => list.value[k]!),
  };
}
