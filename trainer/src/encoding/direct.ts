import { rangeParameter } from './channel-ranges.ts';
import type { InputCode } from './input-code.ts';

/** The channels as currents that stay for the whole sample; the first population turns them into spikes. */
export const direct: InputCode = {
  name: 'direct',
  held: true,
  encoder: (ranges) => ({ type: 'direct', parameters: { span: 'unit', range: rangeParameter(ranges) } }),
  write: (unit, target, { row }) => target.set(unit, row * unit.length),
};
