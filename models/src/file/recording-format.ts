/** What is asked of a file of recordings: one of its samples, as the input of a net. */
export interface RecordingRequest {
  /** Length of the net's step in seconds. */
  readonly dt: number;
  /** Elements of the net's Inputs, by their names. */
  readonly inputs: ReadonlyMap<string, number>;
  /** From 0. */
  readonly sample: number;
}

/** What a file of recordings gives a net. */
export interface RecordedInput {
  readonly steps: number;
  /** By Input node: what it gets, in any order. */
  readonly input: Readonly<Record<string, readonly (readonly [step: number, index: number, value: number])[]>>;
  /** Other nodes that the file has recordings of; one in a sub-graph is `outer/inner`. */
  readonly others: readonly string[];
  /** What of the file is not used: a line each, for people. */
  readonly notes: readonly string[];
}

/** What the nodes of a net did in a run. */
export interface RunRecording {
  /** Length of a step in seconds; absent: the run was in continuous time. */
  readonly dt?: number;
  /** How long it ran. */
  readonly seconds: number;
  /** Elements of each node in `spikes`. */
  readonly sizes: ReadonlyMap<string, number>;
  /** By node: [step, index] or [step, index, value] of each event; in continuous time seconds instead of steps. */
  readonly spikes: Readonly<Record<string, readonly (readonly number[])[]>>;
  /** By node and state variable: the values of all elements at the end of each step. */
  readonly traces: Readonly<Record<string, Readonly<Record<string, readonly (readonly number[])[]>>>>;
}

/**
 * A way to keep what nodes did as bytes: one that cannot be read has no `read`, one that cannot be written no `write`.
 * A package that brings some names a module as `recordings` in the field `spikewire` of its package.json; the module
 * exports `recordings: readonly RecordingFormat[]`.
 */
export interface RecordingFormat {
  /** One word, as people say it. */
  readonly name: string;
  readonly summary: string;
  /** Endings of its files in lower case, with the dot. */
  readonly extensions: readonly string[];
  /**
   * Total: any bytes give an input or a `SpikewireError`, in memory bounded by `memory`, in bytes, beyond which it
   * throws `budget`. Throws `input` where the recordings do not fit the net.
   */
  read?(bytes: Uint8Array, request: RecordingRequest, memory: number): RecordedInput | Promise<RecordedInput>;
  /** Throws `unsupported`, with the node in front, for what the format cannot say. */
  write?(recording: RunRecording): Uint8Array;
}
