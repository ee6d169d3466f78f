// Simulated trials on pairs of answers that were recorded: the gate of the agent decides by the labels that come.
import { RandomGenerator } from '@spikewire/models';
import { decide, NEW_GATE, take } from 'spikewire/agent';

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
 * Which of the candidates the gate lets answer on a recording, all of them judged by the same labels, and how many came:
 * when the first may go, that which gains most; 'stay' where none may.
 */
export function choice(candidates, random) {
  const names = Object.keys(candidates);
  const length = candidates[names[0]].length;
  const states = new Map(names.map((name) => [name, NEW_GATE]));
  let labels = 0;
  for (let k = 0; k < MOST_READINGS; k++) {
    const at = random.nextInteger(length);
    const [comes, asked] = [random.nextUniform() < RECORDED, random.nextUniform() < ANSWERED];
    const anyDiffers = names.some((name) => candidates[name][at].old !== candidates[name][at].new);
    const known = comes || (anyDiffers && asked);
    if (known) labels++;
    for (const [name, state] of states) {
      const { old, new: own, truth } = candidates[name][at];
      states.set(name, take(state, { old: `${old}`, new: `${own}`, ...(known && { label: `${truth}` }) }));
    }
    if ((k + 1) % LOOK !== 0) continue;
    for (const [name, state] of states) if (decide(state) === 'abort') states.delete(name);
    if (states.size === 0) return { chosen: 'stay', labels };
    if ([...states.values()].some((state) => decide(state) === 'go')) {
      const gain = ({ gained, lost }) => gained - lost;
      const [chosen] = [...states].reduce((a, b) => (gain(b[1]) > gain(a[1]) ? b : a));
      return { chosen, labels };
    }
  }
  return { chosen: 'stay', labels };
}
