// Ten kinds of fault of a machine or its sensors, by the span of what its channels usually show (1 % to 99 %). Each
// begins with the machine, and gives one reading after another: its numbers, or `undefined` where none comes. `pace`: the
// intervals between two readings.

/** A fault in the number of one channel. */
const changing =
  (change, channel = 0) =>
  (machine, about) => {
    let k = 0;
    return () => machine.next().map((value, index) => (index === channel ? change(value, k++, about(channel)) : value));
  };

/** Readings for which a fault lasts. */
const LONG = 1500;

export const faults = [
  { name: 'spike', lasts: 20, begin: changing((value, k, { span }) => value + (k === 0 ? span : 0)) },
  { name: 'stuck', lasts: LONG, begin: changing((_value, _k, { last }) => last) },
  { name: 'drift', lasts: LONG, begin: changing((value, k, { span }) => value + (span * (k + 1)) / LONG) },
  { name: 'noise', lasts: LONG, begin: changing((value, _k, { noise }) => value + noise(10)) },
  { name: 'silence', lasts: 60, begin: () => () => undefined },
  { name: 'step', lasts: LONG, begin: changing((value, _k, { span }) => value + span) },
  {
    name: 'oscillation',
    lasts: LONG,
    begin: changing((value, k, { span }) => value + (span / 4) * Math.sin((2 * Math.PI * k) / 9)),
  },
  { name: 'flipped correlation', lasts: LONG, begin: changing((value, _k, { middle }) => 2 * middle - value, 1) },
  { name: 'stuck in a state', lasts: LONG, begin: (machine) => () => machine.next({ rest: true }) },
  { name: 'rate', lasts: LONG, pace: 2, begin: (machine) => () => machine.next() && machine.next() },
];
