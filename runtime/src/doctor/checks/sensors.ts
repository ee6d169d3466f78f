import { sourceOf } from '../../companion.ts';
import { sensorDrivers } from '../../sensors/find.ts';
import type { SensorDescription } from '../../sensors/sensor.ts';
import type { Check } from './check.ts';

/** What `run --sensor` can read here. */
export const sensors: Check = {
  name: 'sensors',
  async look() {
    const drivers = await sensorDrivers();
    if (drivers.length === 0) {
      return { state: 'note', found: 'no drivers are installed', advice: sourceOf('@spikewire/devices') };
    }
    const found = (await Promise.all(drivers.map((driver) => driver.list()))).flat();
    if (found.length > 0) return found.map((sensor) => ({ state: 'ok', found: describe(sensor) }));
    return { state: 'note', found: `none is attached (looked for ${drivers.map(({ scheme }) => scheme).join(', ')})` };
  },
};

function describe({ address, channels }: SensorDescription): string {
  return `${address}: ${channels.map(({ name, unit }) => `${name} (${unit})`).join(', ')}`;
}
