import { kind } from '../kinds/kind.ts';
import type { Augmentation } from './augmentation.ts';

/** Every number plus one of its own, drawn evenly around 0. */
export const noise = kind({
  name: 'noise',
  summary: 'noise on every number, drawn evenly from ± so much',
  parameters: { most: { doc: 'largest size, in the units of the samples', form: 'number', default: 0.1, minimum: 0 } },
  prepare:
    ({ most }): Augmentation =>
    () =>
    (sample, random) =>
      Float64Array.from(sample, (value) => value + most * (2 * random.nextUniform() - 1)),
});
