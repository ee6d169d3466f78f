import { shortNumber } from '../../printable.ts';

/** A limit that a person's "that was normal" may change. */
export interface NamedLimit {
  /** Of what, such as `temperature`; empty where there is one for all. */
  readonly of: string;
  /** As people read it, such as 4.2 or 6 s. */
  value(): number;
}

/**
 * Carries out `accept` and says which limits it has changed, in a clause for each.
 *
 * @param name of the monitor
 * @param unit behind the numbers
 */
export function limitChanges(name: string, limits: readonly NamedLimit[], accept: () => void, unit = ''): string[] {
  const before = limits.map(({ value }) => value());
  accept();
  return limits.flatMap(({ of, value }, k) => {
    const after = value();
    if (after === before[k]) return [];
    const which = of === '' ? `“${name}”` : `“${name}” of ${of}`;
    return [`the limit of ${which} is now ${shortNumber(after)} instead of ${shortNumber(before[k]!)}${unit}`];
  });
}
