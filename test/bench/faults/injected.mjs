// What may go wrong with a sensor, in its first channel. Each fault is a function of a stream that begins when it does
// and gives one reading after another: its numbers, or undefined where none comes.

/** Readings for which most faults last. */
const LONG = 1500;

const changing =
  (change) =>
  (source, { last, ...stream }) => {
    let k = 0;
    return () => {
      const [first, ...others] = source();
      return [change(first, k++, { last: last[0], ...stream }), ...others];
    };
  };

export const faults = [
  { name: 'spike', lasts: 20, begin: changing((value, k, { large }) => (k === 0 ? value + large : value)) },
  { name: 'step', lasts: LONG, begin: changing((value, _, { large }) => value + large) },
  { name: 'drift', lasts: LONG, begin: changing((value, k, { slope }) => value + slope * (k + 1)) },
  { name: 'stuck', lasts: LONG, begin: changing((_value, _, { last }) => last) },
  { name: 'silent', lasts: 100, begin: () => () => undefined },
  {
    name: 'amplitude ×3',
    lasts: LONG,
    begin: changing((value, _, { middle, last }) => value + 2 * (value - (middle ?? last))),
  },
  { name: 'frequency ×3', lasts: LONG, begin: (source) => () => source(3) },
  {
    name: 'dropouts 40 %',
    lasts: LONG,
    begin:
      (source, { random }) =>
      () => {
        const reading = source();
        return random.nextUniform() < 0.4 ? undefined : reading;
      },
  },
  { name: 'unit °C → °F', lasts: LONG, begin: changing((value) => 1.8 * value + 32) },
];
