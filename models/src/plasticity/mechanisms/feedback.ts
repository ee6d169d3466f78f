import { SpikewireError } from '../../error.ts';
import type { FeedbackDeclaration } from '../../model/model.ts';
import type { ParameterTable } from '../../parameters/declaration.ts';
import { readParameters } from '../../parameters/read.ts';
import { type Mechanism, objectOf, present } from './mechanism.ts';

/** Errors that meet random weights: more outputs than any net answers with would be a way to ask for much memory. */
const LARGEST_FEEDBACK = 4096;

const random = {
  random: { doc: 'errors that meet fixed random weights', form: 'integer', minimum: 1, maximum: LARGEST_FEEDBACK },
  seed: { doc: 'of the random weights', form: 'integer', minimum: 0, optional: true },
} as const satisfies ParameterTable;

const weights = {
  through: { doc: 'the name of a connection, or random: the number of errors', form: 'json' },
  direction: { doc: 'backward or forward', form: 'word', words: ['backward', 'forward'] },
} as const satisfies ParameterTable;

export const feedback: Mechanism = {
  key: 'feedback',
  declaration: { doc: 'how errors reach outputs that are not the answer', form: 'json', optional: true },
  read(where, value): FeedbackDeclaration {
    const given = objectOf(where, value);
    if (given.random !== undefined) {
      return present(readParameters(where, given, random, 'learning')) as FeedbackDeclaration;
    }
    const { through, direction } = readParameters(where, given, weights, 'learning');
    if (typeof through === 'string' && through !== '') return { through, direction };
    throw new SpikewireError(
      'learning',
      `${where}.through`,
      `is ${JSON.stringify(through)}`,
      'the name of a connection',
    );
  },
};
