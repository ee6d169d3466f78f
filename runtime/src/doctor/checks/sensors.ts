import { attachedTo } from '../../extensions/attached.ts';
import { sourceOf } from '../../package-source.ts';
import { sensorDrivers } from '../../sensors/find.ts';
import type { SensorDescription } from '../../sensors/sensor.ts';
import type { Check, CheckResult } from './check.ts';

/** What `run --sensor` can read here. */
export const sensors: Check = {
  name: 'sensors',
  async look() {
    const drivers = (await sensorDrivers()).entries;
    if (drivers.length === 0) {
      return { state: 'note', found: 'no drivers are installed', advice: sourceOf('@spikewire/devices') };
    }
    const { found, problems } = await attachedTo({ entries: drivers, problems: [] });
    const failures: CheckResult[] = problems.map(({ message }) => ({ state: 'bad', found: message }));
    if (found.length > 0) return [...found.map(describe), ...failures];
    if (failures.length > 0) return failures;
    return { state: 'note', found: `none is attached (looked for ${drivers.map(({ scheme }) => scheme).join(', ')})` };
  },
};

function describe({ address, channels }: SensorDescription): CheckResult {
  const found = `${address}: ${channels.map(({ name, unit }) => `${name} (${unit})`).join(', ')}`;
  return { state: 'ok', found };
}
