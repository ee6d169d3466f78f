import { type JsonObject, SpikewireError } from '@spikewire/models';

/** How a front is trained. */
export interface TrainedFront {
  /** Options of `train --method stbp`; `arch` is what follows the input, such as `256-10`. */
  readonly net: Readonly<Record<string, string | number>> & { readonly arch: string };
  /** How often each sample is learned beside itself with normal noise, and its deviation in those of the base. */
  readonly noisy: { readonly copies: number; readonly deviation: number };
  /** Parameters of the decoder `teachable`. */
  readonly decoder: JsonObject;
}

/** A sample on its way: its numbers, its class as an index, and the part of the stream that it is of. */
export interface StreamSample {
  readonly values: Float64Array;
  readonly label: number;
  readonly segment: string;
}

/** What learners meet in one piece, in order. */
export interface ClassStream {
  readonly name: string;
  readonly samples: readonly StreamSample[];
}

/** A base that was collected before, and streams that begin from it, each anew. */
export interface Trial {
  readonly name: string;
  readonly base: readonly StreamSample[];
  readonly streams: readonly ClassStream[];
}

/** Classes and trials of a folder. */
export interface Trials {
  readonly classes: readonly string[];
  readonly trials: readonly Trial[];
}

/** A task of telling classes apart on a stream: what its file says. */
export interface ClassTask {
  readonly name: string;
  readonly summary: string;
  /** What stands in front of the folder in `--data <data>:DIR`. */
  readonly data: string;
  /** Whether it is a file instead of a folder; false where absent. */
  readonly isFile?: boolean;
  /** Share of samples whose label comes. */
  readonly labels: number;
  /** Where set, why the share of labels can only be 1. */
  readonly needsAllLabels?: string;
  /** What counts; both are in the document. */
  readonly metric: 'accuracy' | 'f1macro';
  /** Classes whose F1 over the beats of all streams together is given as well. */
  readonly pooled?: readonly string[];
  /** Whether a lesson of a rare class counts more. */
  readonly weighted?: boolean;
  /** Neurons of the front that see one view; 400 where absent. */
  readonly neurons?: number;
  /** How a front is trained on the base, where it is not random. */
  readonly trained?: TrainedFront;
  /** Rejects with `file`. The seed is for orders by chance. */
  load(folder: string, seed: number): Promise<Trials>;
}

/** By a key, in the order in which the keys came. */
export function grouped<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

/**
 * Trials over people (or records) that the base has never seen: in fold f of F every F-th of them, from the f-th, is a
 * stream, and all others are the base. `baseOf` may choose among the samples of one of the others.
 */
export function unseenPeople(
  folder: string,
  people: ReadonlyMap<string, readonly StreamSample[]>,
  most: number,
  baseOf = (samples: readonly StreamSample[], _: string): readonly StreamSample[] => samples,
  streamOf = (samples: readonly StreamSample[], _: string): readonly StreamSample[] => samples,
): Trial[] {
  const names = [...people.keys()];
  if (names.length < 2) {
    throw new SpikewireError('file', folder, `has ${names.length} of those to tell apart`, 'at least two');
  }
  return Array.from({ length: Math.min(most, names.length) }, (_, fold) => {
    const isStream = (_: string, index: number) => index % Math.min(most, names.length) === fold;
    const unseen = names.filter(isStream);
    const known = names.filter((name, index) => !isStream(name, index));
    return {
      name: unseen.join(', '),
      base: known.flatMap((name) => baseOf(people.get(name)!, name)),
      streams: unseen.map((name) => ({ name, samples: streamOf(people.get(name)!, name) })),
    };
  });
}
