/** How the messages of a kind of device are made. */
export interface Profile {
  readonly name: string;
  /** One line for the help. */
  readonly summary: string;
  /** The documentation, with its version, that says so. */
  readonly source: string;
  /** Where the number of a channel may stand, first choice first, as paths (path.ts). */
  channel(name: string): readonly string[];
  /** Where the time may stand. */
  readonly time: readonly string[];
  /** Where channels have a topic each: below `--in`, the one or ones in which that of a channel may come. */
  topics?(name: string): readonly string[];
}
