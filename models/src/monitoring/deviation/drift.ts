import { held } from '../../held.ts';
import { kept, prefixed, real, unknownOr, whole } from '../../kept-numbers.ts';
import type { ParameterTable } from '../../parameters/declaration.ts';
import { shortNumber } from '../../printable.ts';
import { roomOf } from '../monitor/called-normal.ts';
import { NOTHING } from '../monitor/evidence.ts';
import { limitChanges } from '../monitor/limit-changes.ts';
import { monitorKind, statesByChannel, watchParameters } from '../monitor/monitor.ts';
import { LevelBefore } from '../usual/level-before.ts';
import { Swing } from '../usual/swing.ts';
import { UsualLevel } from '../usual/usual-level.ts';
import { UsualPeaks } from '../usual/usual-peaks.ts';

const parameters = {
  ...watchParameters,
  warmUp: { ...watchParameters.warmUp, default: 2000 },
  sensitivity: { ...watchParameters.sensitivity, default: 2 },
  memory: { doc: 'readings over which the usual level is a mean', form: 'integer', default: 5000, minimum: 10 },
  allowance: { doc: 'mean deviations of a level that are no drift', form: 'number', default: 1, minimum: 0 },
  changeAllowance: { doc: 'mean deviations of a change that are no drift', form: 'number', default: 0.25, minimum: 0 },
} as const satisfies ParameterTable;

/** Readings whose largest sum is a peak. */
const BLOCK = 1000;
/** The least usual peak of a sum, in mean deviations: what noise makes of it. */
const LEAST_SUM = 10;
/** A reading counts as at most so many mean deviations. */
const FARTHEST = 10;
/** How far a sum may go beyond what is flagged, so that it comes back. */
const BEYOND = 1.5;
/** Readings that a sum is flagged before what they were is taken for usual, as their mean over the last of them. */
const PATIENCE = 1000;
const RECENT = 250;
/** What took fewer readings is no drift. */
const QUICK = 30;
/** The level is known after this share of its memory, as a divisor. */
const BEGINNING = 20;

/**
 * Drift: slow CUSUMs (Page 1954), upwards and downwards, of how far a channel lies from its usual level, and of how far
 * it changes from reading to reading, in mean deviations less an allowance. The first see what leaves a level slowly,
 * the second what has none and begins to go one way. Score = the largest sum over how large it becomes at most, as a
 * rule, or as the stream's own wandering says. It cannot tell a drift that is slower than that wandering.
 */
export const drift = monitorKind({
  type: 'drift',
  title: 'slow drift',
  about: 'whether a number leaves its usual level slowly',
  parameters,
  channelBytes: 1280,

  prepare({ memory, allowance, changeAllowance, normalFor, warmUp }, { channels }) {
    const { length } = channels;
    /** Levels of all channels, then their changes. */
    const sums = 2 * length;
    const level = new UsualLevel(sums, { memory, least: Number.MIN_VALUE, normalFor });
    const least = (k: number) => (k < length ? Math.max(LEAST_SUM, wanderingOf(k)) : LEAST_SUM);
    const usual = new UsualPeaks(sums, { block: BLOCK, least, normalFor });
    const up = new Float64Array(sums);
    const down = new Float64Array(sums);
    const last = new Float64Array(length).fill(Number.NaN);
    /** Readings since each sum was 0. */
    const upFor = new Float64Array(sums);
    const downFor = new Float64Array(sums);
    const swings = channels.map(() => new Swing());
    /** Readings for which each has been flagged, and their mean. */
    const flaggedFor = new Float64Array(sums);
    const recent = new Float64Array(sums);
    /** [readings taken] */
    const taken = new Float64Array(1);
    /** How far each sum would be that is flagged, without an end. */
    const reached = new Float64Array(sums);
    const evidence = new Float64Array(sums);
    const before = new LevelBefore(length);
    let worst = 0;

    const sum = (k: number) => Math.max(up[k]!, down[k]!);

    /**
     * How long a channel wanders before it comes back, in readings, from the ratio of its changes to its deviations
     * (von Neumann 1941): 1 for noise. That many mean deviations a sum of a stream becomes that goes nowhere, long
     * before its peaks have shown it.
     */
    function wanderingOf(c: number): number {
      return Math.min(memory, 2 * (level.deviation(c) / level.deviation(c + length)) ** 2);
    }

    /** From the usual level, or the one before it where that is nearer. */
    function distanceOf(k: number, value: number): number {
      const own = value - level.centre(k);
      if (k >= length) return own;
      const other = before.distance(k, value);
      return Math.abs(other) < Math.abs(own) ? other : own;
    }

    function add(k: number, value: number, most: number): void {
      const distance = distanceOf(k, value) / level.deviation(k);
      const z = Number.isNaN(distance) ? 0 : Math.max(-FARTHEST, Math.min(FARTHEST, distance));
      const allowed = k < length ? allowance : changeAllowance;
      reached[k]! += (up[k]! > down[k]! ? z : -z) - allowed;
      up[k] = Math.min(most, Math.max(0, up[k]! + z - allowed));
      down[k] = Math.min(most, Math.max(0, down[k]! - z - allowed));
      upFor[k] = up[k] === 0 ? 0 : upFor[k]! + 1;
      downFor[k] = down[k] === 0 ? 0 : downFor[k]! + 1;
    }

    function score(k: number, value: number, learning: boolean, sensitivity: number): number {
      const isFirst = taken[0]! <= warmUp;
      const most = isFirst ? Number.POSITIVE_INFINITY : BEYOND * sensitivity * usual.at(k) + FARTHEST;
      if (taken[0]! > memory / BEGINNING) add(k, value, most);
      const own = usual.score(k, sum(k), sensitivity);
      flaggedFor[k] = own > sensitivity ? flaggedFor[k]! + 1 : 0;
      reached[k] = own > sensitivity ? Math.max(reached[k]!, sum(k)) : sum(k);
      evidence[k] = own > sensitivity ? reached[k]! : NOTHING;
      recent[k]! += (held(value) - recent[k]!) / Math.max(1, Math.min(flaggedFor[k]!, RECENT));
      if (learning) {
        level.learn(k, value);
        // A sum that is flagged is no peak of the usual ones.
        usual.learn(k, isFirst || own <= sensitivity ? sum(k) : 0, isFirst);
        if (flaggedFor[k]! > PATIENCE && !isFirst) takeForUsual(k);
      }
      return own;
    }

    function takeSwings(sample: Float64Array, sensitivity: number): void {
      for (let c = 0; c < length; c++) {
        const [ofLevel, ofChange] = [usual.at(c), usual.at(c + length)];
        const fallen = Math.max(down[c]! / ofLevel, down[c + length]! / ofChange);
        const risen = Math.max(up[c]! / ofLevel, up[c + length]! / ofChange);
        swings[c]!.take(sample[c]!, Math.max(fallen, risen) <= sensitivity ? 0 : Math.sign(risen - fallen));
      }
    }

    /** A drift, or what looked like one first: a swing, or a quick move. */
    function moveOf(k: number, c: number): string {
      const range = swings[c]!.range;
      if (range !== undefined) return `swings between ${shortNumber(range[0])} and ${shortNumber(range[1])}`;
      const [way, readings] = up[k]! > down[k]! ? ['up', upFor[k]!] : ['down', downFor[k]!];
      return readings > QUICK ? `drifts ${way}` : `went ${way} to ${shortNumber(last[c]!)} within ${readings} readings`;
    }

    function takeForUsual(k: number): void {
      usual.learn(k, sum(k), true);
      level.shift(k, recent[k]! - level.centre(k));
      up[k] = down[k] = upFor[k] = downFor[k] = flaggedFor[k] = 0;
    }

    return {
      read({ sample }, { learning, sensitivity }) {
        if (sample === undefined) return undefined;
        taken[0]! += 1;
        let most = 0;
        for (let c = 0; c < length; c++) before.pass(c);
        for (let k = 0; k < sums; k++) {
          const c = k % length;
          const previous = Number.isNaN(last[c]!) ? sample[c]! : last[c]!;
          const own = score(k, k < length ? sample[c]! : sample[c]! - previous, learning, sensitivity);
          if (own > most) worst = k;
          most = Math.max(most, own);
        }
        last.set(sample);
        takeSwings(sample, sensitivity);
        return most;
      },
      moved({ low, rise }) {
        for (let c = 0; c < length; c++) {
          if (Number.isNaN(low[c]!)) continue;
          before.leave(c, level.centre(c));
          level.shift(c, rise[c]!);
          for (const k of [c, c + length]) up[k] = down[k] = 0;
          swings[c]!.begin();
        }
      },
      flaggedChannels: () => [channels[worst % length]!],
      reason() {
        const c = worst % length;
        return `${channels[c]} ${moveOf(worst, c)}, usually it is about ${shortNumber(level.centre(c))}`;
      },
      evidence,
      accept(sizes, { name, sensitivity, isOver }) {
        const limits = Array.from(sizes, (_, k) => ({
          of: k < length ? channels[k]! : `the changes of ${channels[k - length]}`,
          value: () => sensitivity * usual.at(k),
        }));
        const accept = () => {
          for (let k = 0; k < sums; k++) usual.accept(k, sizes[k]!, sensitivity, roomOf(isOver));
        };
        return limitChanges(name, limits, accept, ' mean deviations');
      },
      accepted: usual.accepted,
      state: {
        up: kept(up, real(0)),
        down: kept(down, real(0)),
        upFor: kept(upFor, whole()),
        downFor: kept(downFor, whole()),
        last: kept(last, unknownOr(real())),
        flaggedFor: kept(flaggedFor, whole()),
        recent: kept(recent, real()),
        reached: kept(reached, real()),
        ...before.state,
        readings: kept(taken, whole()),
        ...prefixed('level', level.state),
        ...prefixed('sum', usual.state),
        ...statesByChannel(swings.map((swing) => ({ swing: swing.kept }))),
      },
    };
  },
});
