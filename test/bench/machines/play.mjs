// A machine that runs, and in which faults come.
import { RandomGenerator, shuffled } from '@spikewire/models';
import { faults } from './faults.mjs';

/** Readings before the first fault, at least and at most; and between two faults. */
export const FRESH = 8000;
const [FRESHEST, CALM] = [8720, 1500];
/** Readings after a fault in which alarms are no false ones: the machine comes back. */
const COMING_BACK = 300;
const JITTER = 0.02;

/** Readings of a machine in which each fault comes once after the other: `{ at, values, fault, isFalse }`, in µs. */
export function* play(machine, seed, order) {
  const random = new RandomGenerator(seed, `order of ${machine.name}`);
  const running = machine.start(seed);
  const past = [];
  let at = 0;
  const reading = (values, fault, isFalse, pace = 1) => {
    at += 1000 * machine.interval * (pace + JITTER * random.nextNormal());
    if (values !== undefined && fault === undefined) past.push(values);
    return { at, values, fault, isFalse };
  };
  const fresh = FRESH + random.nextInteger(FRESHEST - FRESH);
  for (let k = 0; k < fresh; k++) yield reading(running.next(), undefined, true);
  const usual = machine.channels.map((_, channel) => usualOf(past.map((values) => values[channel])));
  for (const fault of order(random)) {
    const about = (channel) => ({
      ...usual[channel],
      last: past.at(-1)[channel],
      noise: (times) => times * machine.noise[channel] * random.nextNormal(),
    });
    const faulty = fault.begin(running, about);
    for (let k = 0; k < fault.lasts; k++) yield reading(faulty(), fault.name, false, fault.pace);
    for (let k = 0; k < CALM; k++) yield reading(running.next(), undefined, k >= COMING_BACK);
  }
}

function usualOf(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [0.01, 0.99].map((share) => sorted[Math.floor(share * sorted.length)]);
  return { span: high - low, middle: sorted.reduce((sum, value) => sum + value, 0) / sorted.length };
}

/** Orders in which faults come: each alone in a stream of its own, or all in a row. */
export const alone = faults.map((fault) => () => [fault]);
export const inARow = (random) => shuffled(faults, random);
