/** Samples with the class of each. */
export interface LabelledSamples {
  readonly samples: readonly ArrayLike<number>[];
  /** A class per sample, as an index of the set's `classes`. */
  readonly labels: Int32Array;
  /** The numbers that are the right answer to each, where no classes are taught: labels are then 0. */
  readonly targets?: readonly ArrayLike<number>[];
}

/** Labelled samples for evaluation and, apart from them, where the set comes in two parts, for training. */
export interface DataSet extends LabelledSamples {
  readonly name: string;
  /** Names of the classes; a sample's class is an index here. None where answers are numbers. */
  readonly classes: readonly string[];
  /** Names of the numbers of a sample, in their order, or of its channels, which have so many numbers each. */
  readonly channels?: readonly string[];
  /** Of a sample that is an image: [channels, height, width]. */
  readonly shape?: readonly number[];
  /** Frames of a sample, each of `shape`, that come one after the other; absent: it comes at once. */
  readonly frames?: number;
  /** Samples to learn from; `samples` are then for tests only. */
  readonly training?: LabelledSamples;
  /** With `training`: samples apart from it that choose the best of what was learned; absent: some of it do. */
  readonly validation?: LabelledSamples;
}

/**
 * A source of data sets by name; `argument` is what stands behind the colon of `name:argument`. A package that brings
 * some names a module as `data` in the field `spikewire` of its package.json; the module exports
 * `dataSources: readonly DataSource[]`.
 */
export interface DataSource {
  readonly name: string;
  readonly summary: string;
  load(argument: string | undefined): Promise<DataSet>;
}
