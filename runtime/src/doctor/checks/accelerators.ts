import { describeAbilities } from '@spikewire/engine/executor';
import type { AcceleratorDescription } from '../../executor/accelerator.ts';
import { acceleratorDrivers } from '../../executor/find-accelerators.ts';
import { attachedTo } from '../../extensions/attached.ts';
import type { Check, CheckResult } from './check.ts';

/** Boards that can run nets in the place of this machine's engines. */
export const accelerators: Check = {
  name: 'boards',
  async look() {
    const drivers = (await acceleratorDrivers()).entries;
    if (drivers.length === 0) return { state: 'note', found: 'no drivers for accelerator boards are installed' };
    const { found, problems } = await attachedTo({ entries: drivers, problems: [] });
    const failures: CheckResult[] = problems.map(({ message }) => ({ state: 'bad', found: message }));
    if (found.length > 0) return [...found.map(describe), ...failures];
    if (failures.length > 0) return failures;
    return { state: 'note', found: `none is attached (looked for ${drivers.map(({ scheme }) => scheme).join(', ')})` };
  },
};

function describe({ address, name, abilities }: AcceleratorDescription): CheckResult {
  return { state: 'ok', found: `${address}: ${name}, ${describeAbilities(abilities)}` };
}
