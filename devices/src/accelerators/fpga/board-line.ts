/** Bytes to and from a board. */
export interface BoardLine {
  /** The path or the name of the line, for messages. */
  readonly name: string;
  write(bytes: Uint8Array): void;
  /** Told of the bytes that come, and once when no more can come, with the reason. Set once, before the first write. */
  listen(onBytes: (bytes: Uint8Array) => void, onGone: (problem: string) => void): void;
  /** Whether somebody waits for bytes, for a line on which the host clocks them. */
  setWaiting?(isWaiting: boolean): void;
  close(): Promise<void>;
}
