import type { LimitSource } from '@spikewire/engine/executor';

const of =
  (evidence: LimitSource['evidence']) =>
  (title: string): LimitSource => ({ title, evidence });

/** Where limits stand, by how far each source was read. */
export const file = of('source file');
export const abstract = of('vendor or abstract');
export const secondHand = of('second hand');
export const recalled = of('recalled');
