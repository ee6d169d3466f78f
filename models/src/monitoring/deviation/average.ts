import { held } from '../../held.ts';
import { kept, prefixed, real, whole } from '../../kept-numbers.ts';
import type { ParameterTable } from '../../parameters/declaration.ts';
import { shortNumber } from '../../printable.ts';
import { markEnds } from '../monitor/evidence.ts';
import { limitChanges } from '../monitor/limit-changes.ts';
import { monitorKind, watchParameters } from '../monitor/monitor.ts';
import { Patience } from '../monitor/patience.ts';
import { LevelBefore } from '../usual/level-before.ts';
import { UsualLevel } from '../usual/usual-level.ts';

const parameters = {
  ...watchParameters,
  warmUp: { ...watchParameters.warmUp, default: 2000 },
  sensitivity: { ...watchParameters.sensitivity, default: 8 },
} as const satisfies ParameterTable;

/** Blocks of a mean, and their readings: a mean of 250 is taken anew every 25. */
const [BLOCKS, BLOCK] = [10, 25];
const READINGS = BLOCKS * BLOCK;
/** Means over which the usual one is a mean, and readings over which their own level is: 10,000 readings. */
const [MEMORY, LEVEL] = [400, 10_000];
/** The least deviation of a mean, in deviations of a reading. */
const LEAST = 0.1;

/**
 * Average: the mean of the last 250 readings lies farther from where such means usually lie than they vary. It sees
 * what a machine's cycles hide from the other monitors. Score = that distance in mean deviations, of the channel where
 * it is the most.
 */
export const average = monitorKind({
  type: 'average',
  title: 'shifted average',
  about: 'whether the average over 250 readings leaves its usual range',
  parameters,
  channelBytes: 512,

  prepare({ normalFor }, { channels }) {
    const { length } = channels;
    const level = new UsualLevel(length, { memory: LEVEL, least: Number.MIN_VALUE, normalFor });
    const least = (c: number) => LEAST * level.deviation(c);
    const usual = new UsualLevel(length, { memory: MEMORY, least, normalFor });
    const patience = new Patience(length);
    /** Means of the last blocks of each channel. */
    const blocks = new Float64Array(length * BLOCKS);
    const means = new Float64Array(length);
    /** [readings taken] */
    const taken = new Float64Array(1);
    /** Readings of each channel since it has come to a new level. */
    const since = new Float64Array(length);
    const before = new LevelBefore(length);
    const evidence = new Float64Array(2 * length);
    let worst = 0;

    /** Adds a reading to the mean of its block. */
    function take(sample: Float64Array): void {
      const now = taken[0]!;
      const place = Math.floor(now / BLOCK) % BLOCKS;
      for (let c = 0; c < length; c++) {
        const own = blocks.subarray(c * BLOCKS, (c + 1) * BLOCKS);
        if (now % BLOCK === 0) own[place] = 0;
        own[place]! += held(sample[c]!) / BLOCK;
        since[c] = Math.min(since[c]! + 1, READINGS);
        if (now % BLOCK === BLOCK - 1) means[c] = held(own.reduce((sum, mean) => sum + mean / BLOCKS, 0));
      }
      taken[0] = now + 1;
    }

    /** In deviations, of the channel's usual mean or the one before it. */
    function score(c: number, sensitivity: number): number {
      const own = usual.score(c, means[c]!, sensitivity);
      before.pass(c);
      return Math.min(own, Math.abs(before.distance(c, means[c]!)) / usual.deviation(c));
    }

    /** Where means lie nearer to the level before than to the new one, the channel has come back to it. */
    function comeBack(c: number): void {
      const now = means[c]! - usual.centre(c);
      const then = before.distance(c, means[c]!);
      if (Math.abs(then) >= Math.abs(now)) return;
      for (const each of [usual, level]) each.shift(c, now - then);
      before.comeBack(c);
    }

    return {
      read({ sample }, { learning, sensitivity, isWarm, isUnusual }) {
        if (sample === undefined) return undefined;
        take(sample);
        const isNew = taken[0]! % BLOCK === 0;
        let most = 0;
        for (let c = 0; c < length; c++) {
          markEnds(evidence, c, 0, false);
          if (learning && !isUnusual) level.learn(c, sample[c]!);
          if (since[c]! < READINGS) continue;
          if (isNew) comeBack(c);
          const own = score(c, sensitivity);
          if (own > most) worst = c;
          most = Math.max(most, own);
          markEnds(evidence, c, means[c]!, own > sensitivity);
          const teaches = learning && patience.teaches(c, isWarm && own > sensitivity) && !isUnusual;
          if (teaches && isNew) usual.learn(c, means[c]!);
        }
        return most;
      },
      moved({ low, rise }) {
        for (let c = 0; c < length; c++) {
          if (Number.isNaN(low[c]!)) continue;
          before.leave(c, usual.centre(c));
          usual.shift(c, rise[c]!);
          level.shift(c, rise[c]!);
          since[c] = 0;
        }
      },
      flaggedChannels: () => [channels[worst]!],
      reason() {
        const [now, before] = [means[worst]!, usual.centre(worst)].map(shortNumber);
        return `${channels[worst]} is ${now} on average over ${READINGS} readings, usually ${before}`;
      },
      evidence,
      accept(flagged, { name, sensitivity }) {
        const limits = channels.map((of, c) => ({ of, value: () => sensitivity * usual.usual(c) }));
        return limitChanges(name, limits, () => usual.acceptEnds(flagged, sensitivity), ' from its usual average');
      },
      accepted: usual.accepted,
      get taught() {
        return patience.taught;
      },
      state: {
        blocks: kept(blocks, real()),
        means: kept(means, real()),
        taken: kept(taken, whole()),
        since: kept(since, whole(0, READINGS)),
        ...before.state,
        ...prefixed('level', level.state),
        ...patience.state,
        ...prefixed('usual', usual.state),
      },
    };
  },
});
