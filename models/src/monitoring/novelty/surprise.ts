import { type KeptNumbers, kept, real, whole } from '../../kept-numbers.ts';
import type { ParameterTable } from '../../parameters/declaration.ts';
import { shortNumber } from '../../printable.ts';
import { followMoments } from '../../running-moments.ts';
import { AcceptedRanges } from '../monitor/accepted-ranges.ts';
import { markEnds } from '../monitor/evidence.ts';
import { type Attention, monitorKind, statesByChannel, watchParameters } from '../monitor/monitor.ts';
import { Settling, taughtForNow } from '../monitor/settling.ts';

const parameters = {
  ...watchParameters,
  warmUp: { ...watchParameters.warmUp, default: 300 },
  sensitivity: { ...watchParameters.sensitivity, default: 8 },
} as const satisfies ParameterTable;

const INTERVALS = 64;
/** Of each spike, what the neuron habituates by and its neighbours at one and two intervals do: a Gaussian of 0.8. */
const NEIGHBOURHOOD = [0.5, 0.229, 0.021];
/** Readings in which habituation fades by 1/e, and over which mean and deviation of the input are taken. */
const FADING = 2000;
const SCALE = 3000;
/** Readings that all intervals together seem to have had before the first. */
const PRIOR = 4;
/** Readings before mean and deviation are so well known that what lies far from them counts as at most so many. */
const LEARNED = 50;
const FARTHEST = 8;
/** Half of the intervals: sinh 4 is 27 / 1.5 deviations from the mean. */
const REACH = 4;
const STEEPNESS = 1.5;
/** Intervals at either end of which the scale follows what comes: from 12 deviations on. */
const NEAR_END = 4;
/** Visits of an interval, as far as they have not faded, after which a channel has often been there. */
const OFTEN = 20;
/** Its square is a number. */
const LARGEST = 1e150;

/**
 * Surprise of habituating neurons, one for each of 64 intervals of a channel. Score = max over channels of −ln p, where
 * p is how often the interval of this reading was visited.
 */
export const surprise = monitorKind({
  type: 'surprise',
  title: 'rare value',
  about: 'whether a rare value occurs',
  parameters,
  channelBytes: 1920,

  prepare({ normalFor }, { channels }) {
    const populations = channels.map(() => new IntervalNeurons());
    const settled = channels.map(() => new IntervalNeurons());
    const settling = populations.map(({ state }, c) => new Settling(state, settled[c]!.state));

    function learn(channel: number, x: number, { sensitivity, isWarm, isUnusual }: Attention): void {
      settling[channel]!.begin();
      const isNews = isWarm && settled[channel]!.surprise(x) > sensitivity;
      if (isNews || !isUnusual) populations[channel]!.learn(x);
      if (!isNews && !isUnusual) settled[channel]!.learn(x);
      settling[channel]!.end(isNews);
    }

    const accepted = new AcceptedRanges(channels.length, normalFor);
    const evidence = new Float64Array(2 * channels.length);
    let [rarest, measured] = ['', Number.NaN];
    return {
      read({ sample }, attention) {
        if (sample === undefined) return undefined;
        let score = Number.NEGATIVE_INFINITY;
        for (let channel = 0; channel < populations.length; channel++) {
          const x = sample[channel]!;
          const own = accepted.judged(channel, populations[channel]!.surprise(x), x, attention.sensitivity);
          if (attention.learning) learn(channel, x, attention);
          markEnds(evidence, channel, x, own > attention.sensitivity);
          if (own <= score) continue;
          score = own;
          rarest = channels[channel]!;
          measured = x;
        }
        return score;
      },
      moved({ low, rise }) {
        for (const [k, population] of populations.entries()) if (!Number.isNaN(low[k]!)) population.shift(rise[k]!);
      },
      hasBeenAt: (channel, number) => settled[channel]!.visits(number) >= OFTEN,
      flaggedChannels: () => [rarest],
      reason: () => `${rarest} is ${shortNumber(measured)}, where it seldom was`,
      evidence,
      leavesOutRare: true,
      accept: (flagged, { name }) => accepted.acceptEnds(name, channels, flagged, (c) => settled[c]!.mean),
      accepted,
      get taught() {
        return taughtForNow(settling);
      },
      state: {
        ...accepted.state,
        ...statesByChannel(
          populations.map(({ kept }, c) => ({ neurons: kept, settled: settled[c]!.kept, settling: settling[c]!.kept })),
        ),
      },
    };
  },
});

const held = (number: number) => Math.max(-LARGEST, Math.min(LARGEST, number));

/**
 * A population with one spike per reading: that of the neuron in whose interval the reading lies. Intervals are narrow
 * around the running mean and wider away from it. Each spike habituates its neuron and, less, its neighbours; what is
 * left of the response is how surprising the reading was. The idea is that of the Vacuum Spiker (arXiv 2510.06910).
 */
class IntervalNeurons {
  /** [mean, variance, readings], and the habituation of each neuron, in readings. */
  readonly state = new Float64Array(3 + INTERVALS);
  readonly #habituation = this.state.subarray(3);

  /** The state, as it is saved. */
  get kept(): KeptNumbers<Float64Array> {
    return kept(this.state, real(-LARGEST, LARGEST), real(0, 4 * LARGEST ** 2), whole(0, SCALE), real(0, FADING));
  }

  get mean(): number {
    return this.state[0]!;
  }

  /** −ln of the share of past readings in this interval, with a prior of an equal share for all. */
  surprise(number: number): number {
    const total = this.#habituation.reduce((sum, each) => sum + each, 0);
    return -Math.log((this.visits(number) + PRIOR / INTERVALS) / (total + PRIOR));
  }

  /** How often a number has come to its interval or near it, as far as that has not faded. */
  visits(number: number): number {
    return this.#habituation[this.#intervalOf(held(number))]!;
  }

  /** Its neuron spikes. */
  learn(number: number): void {
    const x = held(number);
    if (this.state[2] === 0) this.state[0] = x;
    const interval = this.#intervalOf(x);
    this.#habituate(interval);
    // What was learned is about these intervals, so they stay, unless numbers come near their ends or beyond.
    const isNearEnd = interval < NEAR_END || interval >= INTERVALS - NEAR_END;
    if (this.state[2]! < SCALE || isNearEnd) this.#follow(x);
  }

  /** Each interval lies so much higher from now on. */
  shift(rise: number): void {
    this.state[0] = Math.max(-LARGEST, Math.min(LARGEST, this.state[0]! + rise));
  }

  #intervalOf(x: number): number {
    const [mean, variance] = [this.state[0]!, this.state[1]!];
    const deviation = Math.sqrt(variance) + 1e-6 * Math.abs(mean) + 1e-12;
    const position = Math.asinh((STEEPNESS * (x - mean)) / deviation) / REACH;
    return Math.round(((Math.max(-1, Math.min(1, position)) + 1) / 2) * (INTERVALS - 1));
  }

  #habituate(interval: number): void {
    const habituation = this.#habituation;
    for (let k = 0; k < INTERVALS; k++) habituation[k]! *= 1 - 1 / FADING;
    for (let k = -2; k <= 2; k++) {
      const neuron = Math.max(0, Math.min(INTERVALS - 1, interval + k));
      habituation[neuron]! += NEIGHBOURHOOD[Math.abs(k)]!;
    }
  }

  #follow(x: number): void {
    const { state } = this;
    state[2] = Math.min(state[2]! + 1, SCALE);
    const farthest = state[2]! > LEARNED ? FARTHEST * Math.sqrt(state[1]!) : Number.POSITIVE_INFINITY;
    const distance = Math.max(-farthest, Math.min(farthest, x - state[0]!));
    followMoments(state, 0, distance, state[2]!);
  }
}
