import { readParameters } from '../../parameters/read.ts';
import { every, type Mechanism, objectOf, present } from './mechanism.ts';

const parameters = {
  most: { doc: 'post spikes of a sample that the rule sees at most', form: 'integer', minimum: 1, maximum: 256 },
  apart: {
    doc: 'rows or columns that two of them are apart at least, on a convolution; absent: at any places',
    form: 'integer',
    minimum: 1,
    optional: true,
  },
  every,
} as const;

/**
 * Competition (Kheradpisheh et al. 2018, section 2.3): of a sample the rule sees the first post spikes alone, of those
 * in one step that with the highest membrane, then those of other maps, apart from the ones before. A map is a channel
 * of a convolution; elsewhere each output is one.
 */
export const winners: Mechanism = {
  key: 'winners',
  declaration: { doc: 'the first post spikes of a sample alone act, one of a map', form: 'json', optional: true },
  parameters,
  read: (where, value) => present(readParameters(where, objectOf(where, value), parameters, 'learning')),
};
