/** A message of a broker. */
export interface LiveMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** The broker has kept it from earlier. */
  readonly retain: boolean;
}

/** Where live values come from. */
export interface LiveBroker {
  /** Takes what is said in the name of a device. Whatever fails there is as if nothing was said. */
  follow(device: string, take: (message: LiveMessage) => void): LiveSubscription;
}

export interface LiveSubscription {
  /** Tells the device that somebody looks. */
  look(): void;
  close(): Promise<void>;
}
