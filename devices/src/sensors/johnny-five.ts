import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type ChannelDeclaration, SpikewireError } from '@spikewire/models';
import type { AskedSensor, SensorDriver } from 'spikewire/sensors';

/** A component of johnny-five, as far as it is known by what it has. */
type Component = Readonly<Record<string, unknown>>;

interface Channel extends ChannelDeclaration {
  /** What it is now; not a number before the board has told. */
  readonly now: () => unknown;
}

const AXES = ['x', 'y', 'z'] as const;

/** What Node says of a package that a module imports or requires and that is not there; a path begins with . or /. */
const MISSING_PACKAGE = /^Cannot find (?:package|module) '((?:@[\w.-]+\/)?\w[\w.-]*)(?:\/[^']*)?'/;

/** Components that are made of others. */
const PARTS = ['accelerometer', 'gyro', 'magnetometer', 'thermometer', 'hygrometer', 'barometer', 'altimeter'];

/** What is told of a component by what it has, the first that fits. */
const QUANTITIES: readonly { readonly has: string; channels(name: string, of: Component): readonly Channel[] }[] = [
  { has: 'isDown', channels: (name, of) => [{ name, unit: '', now: () => Number(of.isDown) }] },
  { has: 'isClosed', channels: (name, of) => [{ name, unit: '', now: () => Number(of.isClosed) }] },
  { has: 'celsius', channels: (name, of) => [{ name, unit: '°C', now: () => of.celsius }] },
  { has: 'relativeHumidity', channels: (name, of) => [{ name, unit: '%', now: () => of.relativeHumidity }] },
  { has: 'pressure', channels: (name, of) => [{ name, unit: 'kPa', now: () => of.pressure }] },
  { has: 'rate', channels: (name, of) => alongAxes(name, '°/s', () => of.rate as Component) },
  { has: 'acceleration', channels: (name, of) => alongAxes(name, 'g', () => of) },
  { has: 'value', channels: (name, of) => [{ name, unit: '', now: () => of.value }] },
];

/**
 * Components of johnny-five that the user made, by name: analog and digital sensors (`value`), thermometers, buttons
 * and switches (1 while down or closed), accelerometers, gyros, and an IMU, which is those that it has. It is asked for
 * what they have at the moment: a button that is down for less than the interval may not be seen.
 *
 * johnny-five itself is not needed here; whoever makes the components has it.
 */
export function johnnyFiveSensor(components: Readonly<Record<string, object>>, address = 'johnny-five:'): AskedSensor {
  const all = Object.entries(components).flatMap(([name, of]) => channelsOf(name, of as Component, address));
  if (all.length === 0) throw new SpikewireError('usage', address, 'has no component', 'sensors = { light: … }');
  return {
    description: {
      address,
      name: 'components of johnny-five',
      channels: all.map(({ name, unit }) => ({ name, unit })),
    },
    async read() {
      return Float64Array.from(all, ({ name, now }) => {
        const value = now();
        if (typeof value === 'number' && Number.isFinite(value)) return value;
        throw new SpikewireError('input', `${address} ${name}`, 'has no value yet', 'a board that answers');
      });
    },
  };
}

/**
 * `johnny-five:./board.mjs`: a module of the user that exports `sensors`, components by name, and `close` if need be.
 */
export const johnnyFiveDriver = {
  scheme: 'johnny-five',
  summary: 'components of johnny-five, of a module that exports them as sensors',
  list: async () => [],
  async open(path: string) {
    const address = `johnny-five:${path}`;
    const module = await importModule(path, address);
    if (typeof module.sensors !== 'object' || module.sensors === null) {
      throw new SpikewireError('usage', address, 'exports no sensors', 'export const sensors = { light: … }');
    }
    const sensor = johnnyFiveSensor(module.sensors as Record<string, object>, address);
    return { ...sensor, close: async () => (module.close as (() => Promise<void>) | undefined)?.() };
  },
} satisfies SensorDriver;

async function importModule(path: string, address: string): Promise<Component> {
  try {
    return (await import(pathToFileURL(resolve(path)).href)) as Component;
  } catch (cause) {
    // What comes after the first line is the way by which modules were required.
    const [problem] = (cause instanceof Error ? cause.message : String(cause)).split('\n');
    const missing = MISSING_PACKAGE.exec(problem!)?.[1];
    if (missing === undefined) {
      throw new SpikewireError('input', address, `cannot be loaded: ${problem}`, 'a module such as ./board.mjs', cause);
    }
    const install = `npm install ${missing === 'johnny-five' ? '--omit=optional ' : ''}${missing}`;
    throw new SpikewireError(
      'unsupported',
      address,
      `needs the package ${missing}, which is not installed`,
      install,
      cause,
    );
  }
}

function channelsOf(name: string, of: Component, address: string): readonly Channel[] {
  const isObject = typeof of === 'object' && of !== null;
  const parts = PARTS.filter((part) => isObject && typeof of[part] === 'object' && of[part] !== null);
  if (parts.length > 0) return parts.flatMap((part) => channelsOf(`${name}.${part}`, of[part] as Component, address));
  const quantity = QUANTITIES.find(({ has }) => isObject && has in of);
  if (quantity !== undefined) return quantity.channels(name, of);
  const known = QUANTITIES.map(({ has }) => has).join(', ');
  throw new SpikewireError('usage', `${address} ${name}`, 'is not a known component', `one that has ${known}`);
}

const alongAxes = (name: string, unit: string, of: () => Component): readonly Channel[] =>
  AXES.map((axis) => ({ name: `${name}.${axis}`, unit, now: () => of()[axis] }));
