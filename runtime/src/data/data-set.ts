/** Labelled samples for evaluation. */
export interface DataSet {
  readonly name: string;
  /** Names of the classes; a sample's class is an index here. */
  readonly classes: readonly string[];
  readonly samples: readonly Float64Array[];
  readonly labels: Int32Array;
}

/** A source of data sets by name; `argument` is what stands behind the colon of `name:argument`. */
export interface DataSource {
  readonly name: string;
  readonly summary: string;
  load(argument: string | undefined): Promise<DataSet>;
}
