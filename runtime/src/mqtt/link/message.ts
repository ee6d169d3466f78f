/** What MQTT 5 carries beside a payload. Over MQTT 3.1.1 it is dropped on the way out and empty on the way in. */
export interface MqttProperties {
  readonly contentType?: string;
  readonly responseTopic?: string;
  readonly correlationData?: Uint8Array;
  /** Seconds after which the broker forgets the message, 0…2³²−1. */
  readonly messageExpiryInterval?: number;
  readonly userProperties?: Readonly<Record<string, string | readonly string[]>>;
}

/** A message as it arrives. */
export interface MqttMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** The broker had kept this message from before the subscription. */
  readonly retain: boolean;
  /** The broker may have sent it before. */
  readonly duplicate: boolean;
  readonly qos: 0 | 1;
  readonly properties: MqttProperties;
}

export interface PublishOptions {
  /** 1 (default): kept until the broker has acknowledged it. 0: sent once, dropped while there is no connection. */
  readonly qos?: 0 | 1;
  /** The broker keeps the message for later subscribers. */
  readonly retain?: boolean;
  readonly properties?: MqttProperties;
}

/** A message on its way out. */
export interface OutgoingMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: 0 | 1;
  readonly retain: boolean;
  readonly properties: MqttProperties;
}

const OVERHEAD = 64;

/** Room that a message takes on the wire and, about, in memory, in bytes. */
export function messageBytes(message: Pick<OutgoingMessage, 'topic' | 'payload' | 'properties'>): number {
  const { contentType = '', responseTopic = '', correlationData, userProperties = {} } = message.properties;
  const texts = [message.topic, contentType, responseTopic, ...Object.entries(userProperties).flat(2)];
  const textBytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  return OVERHEAD + message.payload.byteLength + textBytes + (correlationData?.byteLength ?? 0);
}

/** What is wrong with a message's properties, if anything: a malformed packet would cost the connection. */
export function propertyProblem(properties: MqttProperties): string | undefined {
  const { contentType, responseTopic, correlationData, messageExpiryInterval, userProperties } = properties;
  if (contentType !== undefined && typeof contentType !== 'string') return 'contentType is not a string';
  if (responseTopic !== undefined && typeof responseTopic !== 'string') return 'responseTopic is not a string';
  if (correlationData !== undefined && !(correlationData instanceof Uint8Array)) {
    return 'correlationData is not a Uint8Array';
  }
  if (messageExpiryInterval !== undefined && messageExpiryInterval >>> 0 !== messageExpiryInterval) {
    return 'messageExpiryInterval is not a whole number of seconds below 2³²';
  }
  if (
    !Object.values(userProperties ?? {})
      .flat()
      .every((value) => typeof value === 'string')
  ) {
    return 'userProperties are not strings';
  }
  return undefined;
}
