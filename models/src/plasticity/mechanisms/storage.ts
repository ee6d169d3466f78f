import type { Mechanism } from './mechanism.ts';

export const storage: Mechanism = {
  key: 'storage',
  declaration: {
    doc: 'how learned weights are kept in an integer model (default int16)',
    form: 'word',
    words: ['float32', 'int16', 'int8'],
    optional: true,
  },
};
