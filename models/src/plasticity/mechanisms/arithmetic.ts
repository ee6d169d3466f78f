import type { Mechanism } from './mechanism.ts';

export const arithmetic: Mechanism = {
  key: 'arithmetic',
  declaration: {
    doc: 'numbers of traces and changes in an integer model; absent: real numbers',
    form: 'word',
    words: ['integer'],
    optional: true,
  },
};
