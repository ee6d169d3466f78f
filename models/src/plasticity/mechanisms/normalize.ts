import { every, scalingMechanism } from './mechanism.ts';

/** Normalisation (Diehl and Cook 2015): the magnitudes of the weights into each output add up to `sum`. */
export const normalize = scalingMechanism(
  'normalize',
  'scales the weights into each output to a sum',
  { sum: { doc: 'sum of the magnitudes of the weights into each output', form: 'number', above: 0 }, every },
  ({ sum, every: steps }, { sampleSteps }) => ({ every: steps ?? sampleSteps, factor: (size) => sum / size }),
);
