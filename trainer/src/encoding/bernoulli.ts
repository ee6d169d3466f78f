import { rangeParameter } from './channel-ranges.ts';
import type { InputCode } from './input-code.ts';

/** In each step a spike with the channel as its probability, drawn anew in each epoch. */
export const bernoulli: InputCode = {
  name: 'bernoulli',
  held: false,
  encoder: (ranges) => ({ type: 'bernoulli', parameters: { range: rangeParameter(ranges) } }),
  write(unit, target, { row, batch, steps, random }) {
    for (let step = 0; step < steps; step++) {
      const start = (step * batch + row) * unit.length;
      for (let i = 0; i < unit.length; i++) target[start + i] = unit[i]! > 0 && random.nextUniform() < unit[i]! ? 1 : 0;
    }
  },
};
