/** A model as its file has it. */
export interface HostedModel {
  /** Of a .spike file, or of its text form. */
  readonly bytes: Uint8Array;
  /** Path of its file, in front of what is wrong with it and as the title of the page. Default: it has none. */
  readonly name?: string | undefined;
}

/** A model that runs beside the one that answers, on the same readings. */
export interface WatchedModel extends HostedModel {
  /** Bytes that its nets may take together. Default: an equal share of as much memory as the nets that answer have. */
  readonly memory?: number | undefined;
  /**
   * Makes the state with which a net begins, from that which the answering net has when the first reading comes;
   * undefined where that cannot be saved. Default, and where it gives undefined: the net begins with the model.
   */
  readonly startState?: (net: string, state: Uint8Array | undefined) => Promise<Uint8Array | undefined>;
  /**
   * Called with each reading to which both models named a class; `values`: its numbers, in sensor units. Must not throw.
   */
  readonly paired?: (answers: PairedAnswers & { readonly values: Float64Array }) => void;
  /** Called with each of these that a label names, once, also when the label comes late. Must not throw. */
  readonly judged?: (answers: JudgedAnswers) => void;
}

/** With the class that a label names, and how sure the models were, as probabilities, where both have said so. */
export interface JudgedAnswers extends PairedAnswers {
  readonly label: string;
  readonly confidence?: { readonly old: number; readonly new: number };
}

/** The classes that two models named for a reading. */
export interface PairedAnswers {
  readonly net: string;
  /** Of the reading, in milliseconds since 1970. */
  readonly time: number;
  /** By the model that answers, and by the one that is watched. */
  readonly old: string;
  readonly new: string;
}
