/** A program of the cluster. Its command line names the folder of the cluster, by which its process is known again. */
export interface Part {
  /** Such as `nats-1`. */
  readonly name: string;
  readonly address: string;
  /** File into which its process writes what it says. */
  readonly log: string;
  /** The signal by which it ends in good order, and the one after which nothing of it is left at once. */
  readonly signals: { readonly end: NodeJS.Signals; readonly kill: NodeJS.Signals };
  /** Writes what it needs, and starts it. Resolves with the id of its process; it may not answer yet. */
  start(): Promise<number>;
  /** Whether it does now what it is there for. */
  answers(): Promise<boolean>;
}
