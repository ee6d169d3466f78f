import type { Mechanism } from './mechanism.ts';

export const order: Mechanism = {
  key: 'order',
  declaration: {
    doc: 'pre traces take up the spikes of a step before its post spikes act; absent: they do not pair',
    form: 'word',
    words: ['pre-first'],
    optional: true,
  },
};
