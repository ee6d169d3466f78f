import type { JsonValue } from '@spikewire/models';

/** Curves over one axis. */
export interface Chart {
  readonly title: string;
  /** What x counts. */
  readonly axis: string;
  /** Whether equal factors of x, which is then above 0, are equally wide. */
  readonly logarithmic?: boolean;
  /** Names of rows from the top, of which y is an index: points are then marks instead of curves. */
  readonly rows?: readonly string[];
  /** Of x; by default from the first point to the last. */
  readonly range?: readonly [from: number, to: number];
  readonly curves: readonly { readonly name: string; readonly points: readonly (readonly [x: number, y: number])[] }[];
}

/** A table of a report: names in the first column. */
export interface Table {
  readonly title: string;
  /** What a person should know of it, in a sentence. */
  readonly note?: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** What came out, for programs (`document`), for people, and for the page. */
export interface Report {
  readonly document: { readonly [key: string]: JsonValue };
  readonly tables: readonly Table[];
  readonly charts: readonly Chart[];
}
