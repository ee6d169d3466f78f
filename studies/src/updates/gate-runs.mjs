// Simulated trials on pairs of answers that were recorded: the gate of the agent decides by the labels that come.
import { RandomGenerator } from '@spikewire/models';
import { decide, NEW_GATE, Trial, take } from 'spikewire/agent';

export const RUNS = 1000;
/** Readings of a trial at most; then a person is asked. */
const MOST_READINGS = 20_000;
/** Looks come after so many readings. */
const LOOK = 10;
/** Share of readings with a label, as recorded, and of asked labels of readings that differ that are answered. */
const RECORDED = 0.1;
const ANSWERED = 0.5;

/** Pairs {old, new, truth} as numbers of how they came out. */
export function shares(pairs) {
  const gained = pairs.filter((pair) => pair.old !== pair.truth && pair.new === pair.truth);
  const lost = pairs.filter((pair) => pair.old === pair.truth && pair.new !== pair.truth);
  const others = pairs.filter((pair) => (pair.old === pair.truth) === (pair.new === pair.truth));
  return { gained, lost, others };
}

/** Draws pairs so that the new one is better by exactly `margin`, with as many that differ in their success. */
export function drawing(pairs, margin, random) {
  const { gained, lost, others } = shares(pairs);
  const differing = Math.max((gained.length + lost.length) / pairs.length, Math.abs(margin) + 0.02);
  const pGained = (differing + margin) / 2;
  const pick = (list) => list[random.nextInteger(list.length)];
  return () => {
    const u = random.nextUniform();
    if (u < pGained) return pick(gained);
    return u < differing ? pick(lost) : pick(others);
  };
}

/** One trial; `draw` gives the next pair. */
export function trial(draw, random) {
  let state = NEW_GATE;
  let labels = 0;
  for (let k = 0; k < MOST_READINGS; k++) {
    const { old, new: own, truth } = draw();
    const differs = old !== own;
    const comes = random.nextUniform() < RECORDED || (differs && random.nextUniform() < ANSWERED);
    if (comes) labels++;
    state = take(state, { old: `${old}`, new: `${own}`, ...(comes && { label: `${truth}` }) });
    if ((k + 1) % LOOK !== 0) continue;
    const decision = decide(state);
    if (decision !== 'undecided') return { decision, labels, answered: state.answered, readings: k + 1 };
  }
  return { decision: 'undecided', labels, answered: state.answered, readings: MOST_READINGS };
}

/** Trials with pairs of a pool of recordings, each drawn anew. */
export function trialsAt(recordings, margin, runs, seed) {
  const random = new RandomGenerator(seed, `gate ${margin}`);
  const usable = recordings.filter((pairs) => {
    const { gained, lost, others } = shares(pairs);
    return gained.length > 0 && lost.length > 0 && others.length > 0;
  });
  return Array.from({ length: runs }, () => {
    const pairs = usable[random.nextInteger(usable.length)];
    return trial(drawing(pairs, margin, random), random);
  });
}

/**
 * What the trial of an agent makes of candidates on a recording, all of them judged by the same labels, and how many
 * came: the way that is installed, or 'stay' where all are aborted or nothing is decided in time.
 */
export function choice(candidates, random) {
  const names = Object.keys(candidates);
  const length = candidates[names[0]].length;
  const running = new Trial(names);
  let labels = 0;
  for (let k = 0; k < MOST_READINGS; k++) {
    const at = random.nextInteger(length);
    const [comes, asked] = [random.nextUniform() < RECORDED, random.nextUniform() < ANSWERED];
    const anyDiffers = names.some((name) => candidates[name][at].old !== candidates[name][at].new);
    const known = comes || (anyDiffers && asked);
    if (known) labels++;
    for (const name of names) {
      const { old, new: own, truth } = candidates[name][at];
      running.pair(name, { old: `${old}`, new: `${own}`, ...(known && { label: `${truth}` }) });
    }
    if ((k + 1) % LOOK !== 0) continue;
    const decision = running.decide(new Map(names.map((name) => [name, figuresAt(k + 1)])));
    if (decision.kind === 'go') return { chosen: decision.carrying, labels };
    if (decision.kind === 'abort') return { chosen: 'stay', labels };
  }
  return { chosen: 'stay', labels };
}

/** Of a candidate that keeps up. */
function figuresAt(readings) {
  return { readings, leftOut: 0, refused: 0, problem: null, microseconds: 1, bytes: 1 };
}
