import { SpikewireError } from '@spikewire/models';
import { isSendable } from './topic-filter.ts';

export type BrokerScheme = 'mqtt' | 'mqtts' | 'ws' | 'wss';

/** Where a broker is and as whom to talk to it. */
export interface BrokerAddress {
  readonly scheme: BrokerScheme;
  readonly host: string;
  readonly port: number;
  /** Path and query, for WebSockets. */
  readonly path: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** The address without user and password, for messages to people. */
  readonly shown: string;
}

/** One on this machine, where a person names none. */
export const DEFAULT_BROKER = 'mqtt://127.0.0.1:1883';

const DEFAULT_PORTS: Record<BrokerScheme, number> = { mqtt: 1883, mqtts: 8883, ws: 80, wss: 443 };

const EXPECTED = 'mqtt://[user[:password]@]host[:port], or mqtts, ws, wss';

/**
 * Reads `mqtt://user:password@host:1883`. No error repeats the text that it was given, because there may be a password
 * in it.
 */
export function parseBrokerAddress(url: string): BrokerAddress {
  // The URL parser knows the parts of an authority only for schemes of the web: it takes 'mqtt' but not 'MQTT:host'.
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed) throw new SpikewireError('usage', 'broker address', 'not a URL', EXPECTED);
  const scheme = parsed.protocol.slice(0, -1);
  if (!isBrokerScheme(scheme)) {
    if (!url.includes('://')) throw new SpikewireError('usage', 'broker address', 'has no mqtt:// in front', EXPECTED);
    throw new SpikewireError('usage', 'broker address', `has the unknown scheme "${scheme}"`, EXPECTED);
  }
  const host = parsed.hostname.replace(/^\[|\]$/g, '');
  if (host === '') throw new SpikewireError('usage', 'broker address', 'no host', EXPECTED);
  const port = parsed.port === '' ? DEFAULT_PORTS[scheme] : Number(parsed.port);
  return {
    scheme,
    host,
    port,
    path: `${parsed.pathname || '/'}${parsed.search}`,
    username: credential(parsed.username),
    password: credential(parsed.password),
    shown: `${scheme}://${parsed.hostname}:${port}`,
  };
}

function isBrokerScheme(scheme: string): scheme is BrokerScheme {
  return Object.hasOwn(DEFAULT_PORTS, scheme);
}

function credential(encoded: string): string | undefined {
  if (encoded === '') return undefined;
  const text = decoded(encoded);
  if (isSendable(text)) return text;
  throw new SpikewireError('usage', 'broker address', 'user or password with control characters', EXPECTED);
}

function decoded(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    throw new SpikewireError('usage', 'broker address', 'bad % escape in user or password', EXPECTED);
  }
}
