import type { Verdict } from '@spikewire/models';

/** What a monitor says of a reading, for people. */
export type Said = Pick<Verdict, 'title' | 'reason' | 'note' | 'channels'>;

/** Of those that say anything. */
export function saidBy(verdicts: readonly Verdict[]): Said[] {
  return verdicts.flatMap(({ title, reason, note, channels }) =>
    (reason ?? note) === undefined
      ? []
      : [{ title, ...(reason && { reason }), ...(note && { note }), ...(channels && { channels }) }],
  );
}

/** In half a line, with the titles of the monitors or without; empty where none says anything. */
export function sentenceOf(said: readonly Said[], withTitles = false): string {
  return said
    .flatMap(({ title, note, reason }) =>
      [note ?? [], reason === undefined ? [] : withTitles ? `${title}: ${reason}` : reason].flat(),
    )
    .join('; ');
}
