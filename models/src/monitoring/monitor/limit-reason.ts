/** Readings that were flagged one after the other, as people and the page name them. */
export interface NamedStretch {
  /** Numbers of the first and the last. */
  readonly first: number;
  readonly last: number;
  /** When these were taken, in milliseconds since 1970. */
  readonly begun: number;
  readonly ended: number;
}

/** Who or what has called something normal: a person, its coming again by itself, or its being rare in the warm-up. */
export type CalledNormalBy = 'person' | 'recurring' | 'warm-up';

/** What unusual readings have taught. */
export interface UnusualTeaching {
  /** Unusual readings beyond ordinary ones. */
  readonly readings: number;
  /** Whether as many ordinary readings take it back; else it is usual from now on. */
  readonly isForNow: boolean;
}

/** Why a monitor's limit is not the one that ordinary readings have taught; the page makes a sentence of it. */
export type LimitReason =
  | { readonly kind: 'set'; readonly to: number; readonly from: number }
  | ({ readonly kind: 'called-normal'; readonly by: CalledNormalBy } & Partial<NamedStretch>)
  /** A reading that was ordinary was that unusual not long ago. */
  | { readonly kind: 'remembered' }
  | ({ readonly kind: 'unusual-readings' } & UnusualTeaching);
