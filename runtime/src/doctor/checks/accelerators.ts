import { declaredPlacement, describeAbilities, splitOffer } from '@spikewire/engine/executor';
import type { AcceleratorDescription } from '../../executor/accelerator.ts';
import { acceleratorDrivers } from '../../executor/find-accelerators.ts';
import { attachedTo } from '../../extensions/attached.ts';
import type { Check, CheckResult, DoctorQuestion } from './check.ts';

/** Boards that can run nets in the place of this machine's engines. */
export const accelerators: Check = {
  name: 'boards',
  async look({ model }) {
    const drivers = (await acceleratorDrivers()).entries;
    if (drivers.length === 0) return { state: 'note', found: 'no drivers for accelerator boards are installed' };
    const { found, problems } = await attachedTo({ entries: drivers, problems: [] });
    const failures: CheckResult[] = problems.map(({ message }) => ({ state: 'bad', found: message }));
    if (found.length > 0) return [...(await Promise.all(found.map((board) => describe(board, model)))), ...failures];
    if (failures.length > 0) return failures;
    return { state: 'note', found: `none is attached (looked for ${drivers.map(({ scheme }) => scheme).join(', ')})` };
  },
};

async function describe(
  { address, name, abilities }: AcceleratorDescription,
  asked: DoctorQuestion['model'],
): Promise<CheckResult> {
  const found = `${address}: ${name}, ${describeAbilities(abilities)}`;
  if (asked === undefined) return { state: 'ok', found };
  const board = { name: address, abilities };
  if ((await declaredPlacement(board, asked.model)).fits)
    return { state: 'ok', found: `${found}; ${asked.name} fits on it` };
  const offer = await splitOffer(asked.model, board, '--split');
  const offered = offer === undefined ? '' : `; ${offer}`;
  const advice = `spikewire inspect ${asked.name} --device ${address} says why${offered}`;
  return { state: 'note', found: `${found}; ${asked.name} does not fit on it`, advice };
}
