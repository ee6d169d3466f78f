import type { MqttMessage } from 'spikewire/mqtt';

/** What is read of a message of the broker. */
export type BrokerMessage = Pick<MqttMessage, 'topic' | 'payload' | 'retain'>;

/** Where live values come from. */
export interface LiveBroker {
  /** Takes what is said in the name of a device. Whatever fails there is as if nothing was said. */
  follow(device: string, take: (message: BrokerMessage) => void): LiveSubscription;
}

export interface LiveSubscription {
  /** Tells the device that somebody looks. */
  look(): void;
  close(): Promise<void>;
}
