import type { Backoff } from './backoff.ts';
import type { OverflowPolicy, QueueCapacity } from './bounded-queue.ts';
import type { MqttVersion, TlsOptions } from './connection.ts';
import type { MqttMessage } from './message.ts';

/** `connecting` is under way, `connected`, `waiting` until the next attempt, `closed` for good. */
export type LinkState = 'connecting' | 'connected' | 'waiting' | 'closed';

/**
 * A message is acknowledged when the promise has settled; a failure is counted, and the message acknowledged all the
 * same.
 */
export type MessageHandler = (message: MqttMessage) => Promise<void> | void;

export interface Subscription {
  /** With `+` and `#`; filters that overlap may get a message more than once, which is up to the broker. */
  readonly filter: string;
  readonly handler: MessageHandler;
  /**
   * Default 1: the broker keeps what this client has no time for, and drops, unseen, what it has no room for. At 0 this
   * client takes whatever comes, and counts what it drops.
   */
  readonly qos?: 0 | 1;
  /** Called for each of its messages that is lost, which happens at QoS 0 only. */
  readonly onLost?: (topic: string) => void;
  /** Absent: all messages are handled in order of arrival. */
  readonly turns?: Turns;
  /** Whether all goes on without a word where the broker refuses it, or hangs up because of it. */
  readonly optional?: boolean;
}

/**
 * Whom messages are for, where those for newcomers have to wait for those for others. Messages for the same one, of
 * whichever subscription, are handled in order of arrival.
 */
export interface Turns {
  readonly keyOf: (topic: string) => string;
  readonly isNewcomer: (key: string) => boolean;
  /** Handles a message for a newcomer that has waited for too long. */
  readonly refuse: MessageHandler;
}

/** One retained topic that tells others how this client is. */
export interface StatusTopic {
  readonly topic: string;
  /** Published after every connection. Default `ready`. */
  readonly ready?: string;
  /** Published by `close`. Default `disconnected`. */
  readonly disconnected?: string;
  /** The last will, published by the broker when the connection breaks. Default `lost`. */
  readonly lost?: string;
}

export interface MqttLinkOptions {
  /** Names the session that the broker keeps; stable over restarts and used by nobody else. */
  readonly clientId: string;
  /** Uniform in [0, 1), for the jitter of the back-off: seeded differently on each device. */
  readonly random: () => number;
  /** `auto` (default) asks for 5 and falls back to 3.1.1. */
  readonly version?: MqttVersion | 'auto';
  /** Instead of the one in the URL. */
  readonly username?: string;
  /** Instead of the one in the URL. */
  readonly password?: string;
  readonly tls?: TlsOptions;
  /**
   * Subscriptions that must not miss what the broker kept while this process was down: they have their handlers before
   * the first message arrives.
   */
  readonly subscriptions?: readonly Subscription[];
  readonly status?: StatusTopic;
  /** When the first connection fails: `throw` (default), or `retry` in the background. */
  readonly firstFailure?: 'throw' | 'retry';
  /** Default 500 ms, at most 30 s. */
  readonly backoff?: Backoff;
  /** Seconds between signs of life. Default 30. */
  readonly keepAlive?: number;
  /** Seconds for which the broker keeps the session (MQTT 5). Default one day. */
  readonly sessionExpiry?: number;
  /** Milliseconds. Default 10,000. */
  readonly connectTimeout?: number;
  /**
   * Messages of QoS 1 that the broker may send ahead of their acknowledgement, 1…65,535. Default 4096. Those for
   * newcomers must not fill this room: see `MqttInbox`.
   */
  readonly receiveMaximum?: number;
  /** Handlers under way at the same time, beside one for a newcomer; at most `receiveMaximum`. Default 64. */
  readonly concurrent?: number;
  /** Publications under way at the same time, 1…65,535. Default 128. */
  readonly sendMaximum?: number;
  /** Received messages that may wait for a handler, and half as many for newcomers. Default 4096 and 16 MiB. */
  readonly inbox?: QueueCapacity;
  /** Messages of QoS 1 that the broker has not acknowledged. Default 10,000 and 8 MiB, `drop-oldest`. */
  readonly outbox?: QueueCapacity & { readonly policy: OverflowPolicy };
  /**
   * Larger messages are not sent, and acknowledged and dropped when they come (MQTT 5: by the broker). Default 1 MiB.
   */
  readonly maximumPacketBytes?: number;
  readonly onState?: (state: LinkState) => void;
  /** Whether a topic may be repeated to anybody. Default: each may. */
  readonly isPrintable?: (topic: string) => boolean;
  /**
   * One line about something that a person should know, and its kind: the same line of kind `link` is not repeated
   * while nothing changes, of kind `dropped` there are such with how many are lost, in a limit of their own.
   */
  readonly onWarning?: (line: string, kind: 'link' | 'dropped') => void;
}

const DAY = 86_400;
const SECOND = 1000;
const MIB = 1 << 20;

export const LINK_DEFAULTS = {
  version: 'auto',
  tls: {},
  subscriptions: [],
  firstFailure: 'throw',
  backoff: { base: SECOND / 2, cap: 30 * SECOND },
  keepAlive: 30,
  sessionExpiry: DAY,
  connectTimeout: 10 * SECOND,
  receiveMaximum: 4096,
  concurrent: 64,
  sendMaximum: 128,
  inbox: { count: 4096, bytes: 16 * MIB },
  outbox: { count: 10_000, bytes: 8 * MIB, policy: 'drop-oldest' },
  maximumPacketBytes: MIB,
  onState: () => {},
  isPrintable: () => true,
  onWarning: () => {},
} as const satisfies Partial<MqttLinkOptions>;

/** Options with every default filled in. */
export type LinkSettings = MqttLinkOptions & Required<Pick<MqttLinkOptions, keyof typeof LINK_DEFAULTS>>;

/** Since the link was made. */
export interface LinkCounters {
  readonly state: LinkState;
  readonly version: MqttVersion | undefined;
  readonly received: number;
  /** Acknowledged by the broker (QoS 1) or written (QoS 0). */
  readonly published: number;
  /** Connections after the first. */
  readonly reconnects: number;
  readonly handlerErrors: number;
  /** Messages of QoS 1 that wait or are under way. */
  readonly outbox: number;
  /** Messages whose handlers have not settled. */
  readonly inbox: number;
  /** Times at which none of these was left. */
  readonly drained: number;
  /** Messages that came when as many were under way as may be. */
  readonly crowded: number;
  /** Messages left with the broker for want of room, which come with a later connection. */
  readonly deferred: number;
  readonly dropped: {
    /** QoS 0 without a connection. */
    readonly offline: number;
    /** QoS 0 while the network was too slow. */
    readonly congested: number;
    /** QoS 1, outbox full. */
    readonly outboxFull: number;
    /** Malformed, too large, or refused by the broker. */
    readonly refused: number;
    /** Received at QoS 0, inbox full. */
    readonly inboxFull: number;
    /** Received without a handler: a subscription that an earlier process left in the session. */
    readonly unhandled: number;
    /** Received and left behind: larger than `maximumPacketBytes`. */
    readonly tooLarge: number;
    /** Not acknowledged when the link was closed. */
    readonly closed: number;
  };
}
