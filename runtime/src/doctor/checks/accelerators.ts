import { acceleratorDrivers } from '../../executor/find-accelerators.ts';
import type { Check } from './check.ts';

/** Boards that can run nets in the place of this machine's engines. */
export const accelerators: Check = {
  name: 'boards',
  async look() {
    const drivers = await acceleratorDrivers();
    if (drivers.length === 0) return { state: 'note', found: 'no drivers for accelerator boards are installed' };
    const found = (await Promise.all(drivers.map((driver) => driver.list()))).flat();
    if (found.length === 0) {
      return {
        state: 'note',
        found: `none is attached (looked for ${drivers.map(({ scheme }) => scheme).join(', ')})`,
      };
    }
    return found.map(({ address, name, abilities: { neurons = 'any', synapses = 'any' } }) => ({
      state: 'ok',
      found: `${address}: ${name}, up to ${neurons} neurons and ${synapses} synapses`,
    }));
  },
};
