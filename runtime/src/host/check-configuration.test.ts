import { anomalyModel, monitorNames, SpikewireError } from '@spikewire/models';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BOUNDS, checkConfiguration, checkMonitors } from './check-configuration.ts';
import type { HostConfiguration } from './configuration.ts';

/** Every key once. */
const ALL: HostConfiguration = {
  device: 'clocked',
  threads: 2,
  memory: 1e8,
  seed: 0,
  selfTest: false,
  net: 'pump',
  capacity: 3,
  learning: true,
  warmUp: 10,
  lessonsPerDay: 0,
  monitors: { drift: { sensitivity: 3, holdOff: 0, inRow: 2, on: false } },
  store: {
    directory: 'learned',
    required: true,
    quotaBytes: 65_536,
    bytesPerDay: 65_536,
    saveEverySeconds: 0,
    onNewModel: 'rebase',
  },
  rules: { commands: ['status', 'settings'], lessons: false },
  stream: {
    in: 'plant/+/level',
    out: 'plant/+/state',
    qos: 0,
    only: ['a'],
    retainResults: true,
    homeAssistant: 'homeassistant',
    broker: { url: 'mqtts://here', username: 'me', password: '', tls: { ca: 'PEM' }, clientId: 'me' },
  },
  messages: { profile: 'tasmota', channels: 'level=a.b', missing: 'hold', joinWithin: 500 },
  page: { host: '::1', port: 0, tokenFile: 'token', viewerTokenFile: 'viewer' },
};

/** The keys of a configuration and of its parts, one within another after a dot, with their values. */
function* keysOf(value: object, before = ''): Generator<readonly [string, unknown]> {
  for (const [key, inner] of Object.entries(value)) {
    yield [before + key, inner];
    if (typeof inner === 'object' && !Array.isArray(inner)) yield* keysOf(inner, `${before}${key}.`);
  }
}

/** A right configuration but for the value at that key. */
function withValue(key: string, value: unknown): HostConfiguration {
  const right = key.startsWith('sensor') ? { sensor: { address: 'hwmon:cpu' } } : structuredClone(ALL);
  const path = key.split('.');
  const last = path.pop()!;
  const part = path.reduce((inner, name) => inner[name] as Record<string, unknown>, right as Record<string, unknown>);
  part[last] = value;
  return right as HostConfiguration;
}

function problemOf(configuration: unknown, names?: Readonly<Record<string, string>>): SpikewireError {
  try {
    checkConfiguration(configuration as HostConfiguration, names);
  } catch (problem) {
    if (problem instanceof SpikewireError) return problem;
    throw problem;
  }
  throw new Error('nothing is wrong');
}

describe('a configuration', () => {
  it('may leave out everything', () => {
    expect(() => checkConfiguration({})).not.toThrow();
  });

  it('is plain data: as JSON and back it is the same, and right', () => {
    const again = JSON.parse(JSON.stringify(ALL)) as HostConfiguration;
    expect(again).toEqual(ALL);
    expect(() => checkConfiguration(again)).not.toThrow();
  });

  it('is refused with the key whose value has another type', () => {
    for (const [key] of keysOf(ALL)) {
      // A list is no value of any key but three, and there a number is none.
      const wrong = ['rules.commands', 'stream.only'].includes(key) ? 7 : [7];
      const { code, where } = problemOf(withValue(key, wrong));
      expect({ key, code, where }).toEqual({ key, code: 'usage', where: key });
    }
  });

  it('is refused with the key that there is not, wherever it stands', () => {
    for (const [key, value] of keysOf(ALL)) {
      // Monitors have whatever names they have.
      if (typeof value !== 'object' || Array.isArray(value) || key === 'monitors') continue;
      const { code, where } = problemOf(withValue(`${key}.wormUp`, 1));
      expect({ code, where }).toEqual({ code: 'usage', where: `${key}.wormUp` });
    }
    expect(problemOf({ __proto__: null, constructor: 1 }).where).toBe('constructor');
    expect(problemOf({ wormUp: 10 }).message).toMatch(
      /^wormUp: is an unknown key; expected one of the keys device, .*warmUp/,
    );
  });

  it.each([
    [{ stream: { out: 'b' } }, 'stream.in: is missing; expected a text'],
    [{ sensor: {} }, 'sensor.address: is missing; expected a text'],
    [{ page: {} }, 'page.port: is missing; expected a whole number from 0 to 65535'],
    [{ stream: { in: 'a', out: 'b', broker: {} } }, 'stream.broker.url: is missing; expected a text'],
    [{ store: { onNewModel: 'guess' } }, 'store.onNewModel: is "guess"; expected keep, rebase, reset'],
    [{ rules: { commands: ['fly'] } }, 'rules.commands: is "fly"'],
    [{ threads: -1 }, 'threads: is -1; expected a whole number from 0 to 64'],
    [{ stream: { in: 'a/+', out: 'b/+' }, sensor: { address: 'x:y' } }, 'stream.out b/+: has "+", but a sensor is one'],
    [{ page: { port: 1, token: 'a', tokenFile: 'b' } }, 'page.tokenFile: cannot be combined with page.token'],
    [null, 'configuration: is null; expected an object with keys such as "device"'],
    [[], 'configuration: is a list; expected an object with keys such as "device"'],
  ])('is refused in a line that says where and what: %j', (configuration, line) => {
    expect(problemOf(configuration).message).toContain(line);
  });

  it('is refused in the words of whoever wrote it otherwise', () => {
    const names = { 'store.onNewModel': 'run --on-new-model', threads: '--threads', 'page.token': '--token' };
    expect(problemOf({ store: { onNewModel: 'x' } }, names).where).toBe('run --on-new-model');
    expect(problemOf({ threads: 65 }, names).where).toBe('--threads');
    expect(problemOf({ page: { port: 1, token: 'a', tokenFile: 'b' } }, names).message).toContain(
      'cannot be combined with --token',
    );
  });
});

const KEYS = {
  ...{ threads: 'threads', memory: 'memory', seed: 'seed', capacity: 'capacity', warmUp: 'warmUp' },
  ...{ lessonsPerDay: 'lessonsPerDay', quotaBytes: 'store.quotaBytes', bytesPerDay: 'store.bytesPerDay' },
  ...{ saveEverySeconds: 'store.saveEverySeconds', qos: 'stream.qos', joinWithin: 'messages.joinWithin' },
  ...{ interval: 'sensor.interval', port: 'page.port' },
} as const satisfies Record<keyof typeof BOUNDS, string>;

it.each(Object.entries(KEYS))('a number of "%s" is let in within its bounds, and nowhere else', (name, key) => {
  const bounds: { minimum: number; maximum?: number; whole?: boolean } = BOUNDS[name as keyof typeof BOUNDS];
  const { minimum, maximum = Number.MAX_VALUE, whole = false } = bounds;
  const near = [minimum, maximum].flatMap((end) => [end - 1, end - 0.5, end, end + 0.5, end + 1]);
  const special = [Number.NaN, Number.POSITIVE_INFINITY, -0];
  fc.assert(
    fc.property(fc.oneof(fc.constantFrom(...near, ...special), fc.double()), (number) => {
      const isRight = number >= minimum && number <= maximum && (!whole || number % 1 === 0);
      let isLetIn = true;
      try {
        checkConfiguration(withValue(key, number));
      } catch (problem) {
        isLetIn = false;
        expect((problem as SpikewireError).where).toBe(key);
      }
      expect(isLetIn).toBe(isRight);
    }),
  );
});

describe('settings of monitors', () => {
  const model = anomalyModel({ channels: [{ name: 'level', unit: 'm' }] });
  const [name] = monitorNames(model.monitors!);

  it('are refused where the model has no such monitor, with those that it has', () => {
    const wrong = () => checkMonitors({ monitors: { nobody: {} } }, model);
    expect(wrong).toThrow(expect.objectContaining({ code: 'usage' }));
    expect(wrong).toThrow(`monitors: have "nobody"; expected ${monitorNames(model.monitors!).join(', ')}`);
  });

  it('are refused where they cannot be', () => {
    expect(() => checkMonitors({ monitors: { [name!]: { holdOff: 3 } } }, model)).not.toThrow();
    const wrong = () => checkMonitors({ monitors: { [name!]: { sensitivity: 0 } } }, model);
    expect(wrong).toThrow(`monitors.${name}: sensitivity: is 0; expected a number above 0`);
  });
});
