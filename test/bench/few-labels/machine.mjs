import { RandomGenerator } from '@spikewire/models';

/** Sensors of a machine, and from the quietest state to the loudest, how many times as large their numbers are. */
const SENSORS = 2;
const LOUDEST = 30;
/** Of the load, from one stay in a state to the next: deviation of its logarithm. */
const LOAD = 0.35;

/**
 * A machine with three or four states, invented by a seed: of each sensor a state has a level, a swing around it and
 * noise, both in shares of the level, and a load, which is another one with each stay. State 0 is the quietest.
 * `stay()` begins another stay, `next(state)` is a reading.
 */
export function machine(seed) {
  const random = new RandomGenerator(seed, 'machine');
  const uniform = (from, to) => from + (to - from) * random.nextUniform();
  const states = Array.from({ length: 3 + (seed % 2) }, (_, state) =>
    Array.from({ length: SENSORS }, () => ({
      level: state === 0 ? 1 : Math.exp(uniform(0, Math.log(LOUDEST))),
      swing: uniform(0, 0.6),
      period: uniform(4, 40),
      noise: uniform(0.02, 0.2),
    })),
  );
  let [time, load] = [0, 1];
  return {
    states: states.length,
    channels: Array.from({ length: SENSORS }, (_, k) => ({ name: `sensor ${k + 1}`, unit: '' })),
    stay() {
      load = Math.exp(LOAD * random.nextNormal());
    },
    next(state) {
      time++;
      return Float64Array.from(states[state], ({ level, swing, period, noise }) => {
        const wave = swing * Math.sin((2 * Math.PI * time) / period);
        return level * load * (1 + wave + noise * random.nextNormal());
      });
    },
  };
}
