/** A broker of its own for one test file, on a loopback port that nobody else uses. */
export interface TestBroker {
  readonly name: string;
  readonly url: string;
  readonly port: number;
  /** Ends the broker in good order, so that it saves what it saves. */
  stop(): Promise<void>;
  /** Starts it again on the same port. */
  start(): Promise<void>;
  /** Stops it and removes what it left. */
  close(): Promise<void>;
}
