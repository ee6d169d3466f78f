import type { Model } from '@spikewire/models';

/** A board of which limits are published, whether or not there is a driver for it. */
export interface PublishedBoard {
  /** What `inspect --for` takes: a word, such as `loihi`, or two, such as `xylo:imu`. */
  readonly address: string;
  readonly name: string;
  /** What of a model, float or integer, meets a limit of the board, as published. */
  limits(model: Model): Promise<readonly BoardLimit[]>;
  /** What a board changes about a model that meets its limits, a line each for people. */
  notes?(model: Model): Promise<readonly string[]>;
  /** Why its driver takes a model in no case, though that meets all limits, in one line; undefined: it may take it. */
  refusal?(model: Model): Promise<string | undefined>;
}

/** One number of a model beside the limit of a board. */
export interface BoardLimit {
  /** The node that has the number; absent: the net as a whole. */
  readonly node?: string;
  /** What is limited, such as `fan-in` or `bits of synapses on a core`. */
  readonly what: string;
  /** What the model needs and what the board has at most, as people read it; the same unit in both. */
  readonly needs: string;
  readonly has: string;
  readonly fits: boolean;
  /** By how much a limit is missed; absent where the numbers in front of `needs` and `has` say it. */
  readonly missedBy?: string;
  readonly source: LimitSource;
}

/** Where a limit is published, and how far that can be relied on. */
export interface LimitSource {
  /** A document or file with its place, such as `nengo-loihi e564f66, block.py`. */
  readonly title: string;
  /** Read in the source itself, in an abstract or page of the vendor, in a page of others, or known from memory. */
  readonly evidence: 'source file' | 'vendor or abstract' | 'second hand' | 'recalled';
}

/** A number that may be `has` at most. */
export function atMost(what: string, needs: number, has: number, source: LimitSource, node?: string): BoardLimit {
  return { ...place(node), what, needs: String(needs), has: String(has), fits: needs <= has, source };
}

/** A choice that the board has or has not, for all of `neurons`, or of what is counted in its place. */
export function among(
  what: string,
  needs: string,
  has: readonly string[],
  source: LimitSource,
  node: string,
  counted: string,
): BoardLimit {
  const fits = has.includes(needs);
  return { node, what, needs, has: has.join(', '), fits, ...(fits ? {} : { missedBy: `all of ${counted}` }), source };
}

const place = (node: string | undefined) => (node === undefined ? {} : { node });

/**
 * By how much a limit is missed: as given, else the factor between the numbers in front of `needs` and `has`, or their
 * difference where the board has none. Empty for a limit that is met, and where there are no numbers.
 */
export function missOf({ fits, missedBy, needs, has }: BoardLimit): string {
  if (fits) return '';
  if (missedBy !== undefined) return missedBy;
  const [needed, most] = [Number.parseFloat(needs), Number.parseFloat(has)];
  if (!Number.isFinite(needed) || !Number.isFinite(most)) return '';
  return needed > 0 && most > 0
    ? `${Number((Math.max(needed, most) / Math.min(needed, most)).toPrecision(3))} times`
    : String(Math.abs(needed - most));
}
