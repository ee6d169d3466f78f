import { describeValue, type Model, monitorNames, SpikewireError } from '@spikewire/models';
import { SWITCHED_COMMANDS } from '../desk/access.ts';
import { checkSettings } from '../desk/settings.ts';
import type { TlsOptions } from '../mqtt/link/connection.ts';
import { describeBounds, isWithin, type NumberBounds } from '../number-in-text.ts';
import { MISSING_RULES } from '../reading/form.ts';
import { profiles } from '../reading/profiles/profiles.ts';
import { NEW_MODEL_POLICIES } from '../session/kept/state-keeper.ts';
import type {
  HostConfiguration,
  MessagesConfiguration,
  PageConfiguration,
  RulesConfiguration,
  SensorConfiguration,
  StoreConfiguration,
  StreamConfiguration,
} from './configuration.ts';

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

/**
 * What keys are called where they are set otherwise than in a configuration, such as the flags of a command line; by
 * key, one within another after a dot: `store.onNewModel`.
 */
export type KeyNames = Readonly<Record<string, string>>;

/** Says what is wrong with a value at a key; one that is left out is none. */
type Check = (value: unknown, key: string, names: KeyNames) => void;

/** The key as it is called. */
export function nameOf(key: string, names: KeyNames): string {
  return names[key] ?? (key || 'configuration');
}

function expecting(isRight: (value: unknown) => boolean, expected: string): Check {
  return (value, key, names) => {
    if (!isRight(value)) throw new SpikewireError('usage', nameOf(key, names), `is ${describeValue(value)}`, expected);
  };
}

const numberIn = (bounds: NumberBounds) => expecting((value) => isWithin(value, bounds), describeBounds(bounds));
const wordOf = (words: readonly string[]) => expecting((value) => words.includes(value as string), words.join(', '));
const number = numberIn({});
const text = expecting((value) => typeof value === 'string', 'a text');
const flag = expecting((value) => typeof value === 'boolean', 'true or false');
const list = expecting(Array.isArray, 'a list');
const table = expecting((value) => typeof value === 'object' && value !== null && !Array.isArray(value), 'keys');
const pem = expecting((value) => typeof value === 'string' || value instanceof Uint8Array, 'a text');

function listOf(check: Check): Check {
  return (value, key, names) => {
    list(value, key, names);
    for (const each of value as readonly unknown[]) check(each, key, names);
  };
}

/** A part with keys of whatever names. */
function tableOf(check: Check): Check {
  return (value, key, names) => {
    table(value, key, names);
    for (const [inner, given] of Object.entries(value as object)) check(given, `${key}.${inner}`, names);
  };
}

/** A part with keys of its own, of which `needed` must be there. */
function part(checks: Readonly<Record<string, Check>>, needed: readonly string[] = []): Check {
  return (value, key, names) => {
    table(value, key, names);
    const given = value as Readonly<Record<string, unknown>>;
    const within = (inner: string) => (key === '' ? inner : `${key}.${inner}`);
    const stranger = Object.keys(given).find((inner) => !Object.hasOwn(checks, inner));
    if (stranger !== undefined)
      throw new SpikewireError('usage', within(stranger), 'is not a key', Object.keys(checks).join(', '));
    for (const [inner, check] of Object.entries(checks))
      if (given[inner] !== undefined || needed.includes(inner)) check(given[inner], within(inner), names);
  };
}

type ChecksOf<Part> = Record<keyof Part, Check>;

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
  monitors: tableOf(part({ sensitivity: number, holdOff: number, inRow: number, on: flag })),
  store: part(store),
  rules: part(rules),
  stream: part(stream, ['in', 'out']),
  messages: part(messages),
  sensor: part(sensor, ['address']),
  page: part(page, ['port']),
};

/** Throws `usage` with the first key whose value cannot be, or that there is not. */
export function checkConfiguration(configuration: HostConfiguration, names: KeyNames = {}): void {
  part(host)(configuration, '', names);
  const { sensor, stream, page } = configuration;
  if (sensor !== undefined && stream?.out.includes('+')) {
    const where = `${nameOf('stream.out', names)} ${stream.out}`;
    throw new SpikewireError('usage', where, 'has "+", but a sensor is one net', 'a topic without "+"');
  }
  if (page?.token !== undefined && page.tokenFile !== undefined) {
    const problem = `cannot be combined with ${nameOf('page.token', names)}`;
    throw new SpikewireError('usage', nameOf('page.tokenFile', names), problem, 'one of them');
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
