import { type Model, monitorNames, SpikewireError } from '@spikewire/models';
import { SWITCHED_COMMANDS } from '../desk/access.ts';
import { checkSettings } from '../desk/settings.ts';
import type { TlsOptions } from '../mqtt/link/connection.ts';
import type { NumberBounds } from '../number-in-text.ts';
import { MISSING_RULES } from '../reading/form.ts';
import { profiles } from '../reading/profiles/profiles.ts';
import { NEW_MODEL_POLICIES } from '../session/kept/state-keeper.ts';
import type {
  HostConfiguration,
  MessagesConfiguration,
  PageConfiguration,
  RulesConfiguration,
  SensorConfiguration,
  SpikesConfiguration,
  StoreConfiguration,
  StreamConfiguration,
} from './configuration.ts';
import {
  type Check,
  type ChecksOf,
  expecting,
  flag,
  type KeyNames,
  listOf,
  nameOf,
  numberIn,
  part,
  tableOf,
  text,
  wordOf,
} from './key-checks.ts';

/** For less there is hardly a file. */
const LEAST_STORE_BYTES = 2 ** 16;

/** What the numbers of a configuration may be, however they are written. */
export const BOUNDS = {
  // For more, a thread's own memory is more than that of its nets.
  threads: { minimum: 0, maximum: 64, whole: true },
  memory: { minimum: 1 },
  seed: { minimum: 0, whole: true },
  capacity: { minimum: 1, whole: true },
  // Of fewer readings nothing usual can be known.
  warmUp: { minimum: 10, whole: true },
  lessonsPerDay: { minimum: 0, whole: true },
  quotaBytes: { minimum: LEAST_STORE_BYTES },
  bytesPerDay: { minimum: LEAST_STORE_BYTES },
  saveEverySeconds: { minimum: 0 },
  qos: { minimum: 0, maximum: 1, whole: true },
  joinWithin: { minimum: 0 },
  interval: { minimum: 0.001, maximum: 86_400 },
  port: { minimum: 0, maximum: 65_535, whole: true },
} as const satisfies Record<string, NumberBounds>;

const number = numberIn({});
const pem = expecting((value) => typeof value === 'string' || value instanceof Uint8Array, 'a text');

const store: ChecksOf<StoreConfiguration> = {
  directory: text,
  required: flag,
  quotaBytes: numberIn(BOUNDS.quotaBytes),
  bytesPerDay: numberIn(BOUNDS.bytesPerDay),
  saveEverySeconds: numberIn(BOUNDS.saveEverySeconds),
  onNewModel: wordOf(NEW_MODEL_POLICIES),
};
const rules: ChecksOf<RulesConfiguration> = { commands: listOf(wordOf(SWITCHED_COMMANDS)), lessons: flag };
const tls: ChecksOf<TlsOptions> = { ca: pem, cert: pem, key: pem, rejectUnauthorized: flag };
const stream: ChecksOf<StreamConfiguration> = {
  in: text,
  out: text,
  qos: numberIn(BOUNDS.qos),
  only: listOf(text),
  retainResults: flag,
  homeAssistant: text,
  broker: part({ url: text, username: text, password: text, tls: part(tls), clientId: text }, ['url']),
};
const messages: ChecksOf<MessagesConfiguration> = {
  profile: wordOf(profiles.map(({ name }) => name)),
  channels: text,
  missing: wordOf(MISSING_RULES),
  joinWithin: numberIn(BOUNDS.joinWithin),
};
const sensor: ChecksOf<SensorConfiguration> = { address: text, interval: numberIn(BOUNDS.interval) };
const spikes: ChecksOf<SpikesConfiguration> = { node: text, to: text };
const page: ChecksOf<PageConfiguration> = {
  host: text,
  port: numberIn(BOUNDS.port),
  token: text,
  tokenFile: text,
  viewerTokenFile: text,
};
const host: ChecksOf<HostConfiguration> = {
  device: text,
  split: flag,
  threads: numberIn(BOUNDS.threads),
  memory: numberIn(BOUNDS.memory),
  seed: numberIn(BOUNDS.seed),
  selfTest: flag,
  net: text,
  capacity: numberIn(BOUNDS.capacity),
  learning: flag,
  warmUp: numberIn(BOUNDS.warmUp),
  lessonsPerDay: numberIn(BOUNDS.lessonsPerDay),
  monitors: tableOf(
    part({ sensitivity: number, holdOff: number, inRow: number, on: flag }),
    'an object with one entry for each monitor',
  ),
  store: part(store),
  rules: part(rules),
  stream: part(stream, ['in', 'out']),
  messages: part(messages),
  sensor: part(sensor, ['address']),
  spikes: part(spikes, ['node', 'to']),
  page: part(page, ['port']),
};

/**
 * Throws `usage` with the first key whose value cannot be, or that there is not.
 *
 * @param key of the document that the configuration is a part of, in front of its own keys
 * @param more checks of keys that this document has beside those of a host
 */
export function checkConfiguration(
  configuration: HostConfiguration,
  names: KeyNames = {},
  key = '',
  more: Readonly<Record<string, Check>> = {},
): void {
  part({ ...host, ...more })(configuration, key, names);
  const { sensor, stream, page } = configuration;
  const called = (inner: string) => nameOf(key === '' ? inner : `${key}.${inner}`, names);
  if (sensor !== undefined && stream?.out.includes('+')) {
    const where = `${called('stream.out')} ${stream.out}`;
    throw new SpikewireError('usage', where, 'has "+", but a sensor is one net', 'a topic without "+"');
  }
  if (page?.token !== undefined && page.tokenFile !== undefined) {
    const problem = `cannot be combined with ${called('page.token')}`;
    throw new SpikewireError('usage', called('page.tokenFile'), problem, 'one of them');
  }
}

/** Throws `usage` for settings of a monitor that the model does not have, or that cannot be. */
export function checkMonitors({ monitors = {} }: HostConfiguration, model: Model): void {
  const known = monitorNames(model.monitors ?? []);
  for (const [monitor, settings] of Object.entries(monitors)) {
    if (!known.includes(monitor)) {
      const expected = known.length === 0 ? 'a model with monitors' : known.join(', ');
      throw new SpikewireError('usage', 'monitors', `have "${monitor}"`, expected);
    }
    try {
      checkSettings(settings);
    } catch (problem) {
      const { message } = problem as SpikewireError;
      throw new SpikewireError('usage', `monitors.${monitor}`, message, undefined, problem);
    }
  }
}
