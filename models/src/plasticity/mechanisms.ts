import { SpikewireError } from '../error.ts';
import type { FeedbackDeclaration, LearningDeclaration } from '../model.ts';
import type { ParameterTable } from '../parameters/declaration.ts';
import { readParameters } from '../parameters/read.ts';

/** What any rule may have beside its own parameters. */
export type Mechanisms = Omit<LearningDeclaration, 'rule' | 'parameters'>;

/** Errors that meet random weights: more outputs than any net answers with would be a way to ask for much memory. */
const LARGEST_FEEDBACK = 4096;

export const mechanismParameters = {
  bounds: { doc: '[lowest, highest] weight', form: 'json', optional: true },
  softness: {
    doc: 'exponent of soft bounds: growth in proportion to (room to the bound)^softness',
    form: 'number',
    above: 0,
    optional: true,
  },
  storage: {
    doc: 'how learned weights are kept in an integer model; int16 where absent',
    form: 'word',
    words: ['float32', 'int16', 'int8'],
    optional: true,
  },
  normalize: { doc: 'scales the weights into each output to a sum', form: 'json', optional: true },
  homeostasis: { doc: 'brings the rate of each output to a target', form: 'json', optional: true },
  feedback: { doc: 'how errors reach outputs that are not the answer', form: 'json', optional: true },
  order: {
    doc: 'pre traces take up the spikes of a step before its post spikes act; absent: they do not pair',
    form: 'word',
    words: ['pre-first'],
    optional: true,
  },
} as const satisfies ParameterTable;

const every = {
  doc: 'steps between two times; a sample where absent',
  form: 'integer',
  minimum: 1,
  optional: true,
} as const;

export const normalizeParameters = {
  sum: { doc: 'sum of the magnitudes of the weights into each output', form: 'number', above: 0 },
  every,
} as const satisfies ParameterTable;

export const homeostasisParameters = {
  rate: { doc: 'target rate of each output', unit: 'Hz', form: 'number', minimum: 0 },
  tau: { doc: 'time constant of the measured rate', unit: 's', form: 'number', above: 0 },
  strength: { doc: 'growth of the weights per missing rate', unit: '1/(Hz·s)', form: 'number', minimum: 0 },
  every,
} as const satisfies ParameterTable;

const randomFeedbackParameters = {
  random: { doc: 'errors that meet fixed random weights', form: 'integer', minimum: 1, maximum: LARGEST_FEEDBACK },
  seed: { doc: 'of the random weights', form: 'integer', minimum: 0, optional: true },
} as const satisfies ParameterTable;

const weightFeedbackParameters = {
  through: { doc: 'the name of a connection, or random: the number of errors', form: 'json' },
  direction: { doc: 'backward or forward', form: 'word', words: ['backward', 'forward'] },
} as const satisfies ParameterTable;

/**
 * Reads the mechanisms beside a rule, as they stand in a file or in a declaration made by a program; others are left
 * out of the result. Throws `learning` errors that start with `where`.
 */
export function readMechanisms(where: string, given: Readonly<Record<string, unknown>>): Mechanisms {
  const own = Object.fromEntries(Object.keys(mechanismParameters).map((key) => [key, given[key]]));
  const { bounds, softness, storage, normalize, homeostasis, feedback, order } = readParameters(
    where,
    own,
    mechanismParameters,
    'learning',
  );
  const range = bounds === undefined ? undefined : readBounds(`${where}.bounds`, bounds);
  if (softness !== undefined && (range === undefined || !range.every(Number.isFinite) || range[0] === range[1])) {
    throw new SpikewireError('learning', `${where}.softness`, 'has no range to be soft in', 'bounds of finite numbers');
  }
  const nested = <Table extends ParameterTable>(key: string, value: unknown, table: Table) =>
    value === undefined
      ? undefined
      : present(readParameters(`${where}.${key}`, objectOf(`${where}.${key}`, value), table, 'learning'));
  return present({
    bounds: range,
    softness,
    storage,
    normalize: nested('normalize', normalize, normalizeParameters),
    homeostasis: nested('homeostasis', homeostasis, homeostasisParameters),
    feedback: feedback === undefined ? undefined : readFeedback(`${where}.feedback`, feedback),
    order,
  }) as Mechanisms;
}

function readBounds(where: string, bounds: unknown): readonly [number, number] {
  const [lowest, highest, more] = Array.isArray(bounds) ? (bounds as unknown[]) : [];
  if (typeof lowest === 'number' && typeof highest === 'number' && lowest <= highest && more === undefined) {
    return [lowest, highest];
  }
  throw new SpikewireError('learning', where, `is ${JSON.stringify(bounds)}, no range`, '[lowest, highest]');
}

function readFeedback(where: string, feedback: unknown): FeedbackDeclaration {
  const given = objectOf(where, feedback);
  if (given.random !== undefined) {
    return present(readParameters(where, given, randomFeedbackParameters, 'learning')) as FeedbackDeclaration;
  }
  const { through, direction } = readParameters(where, given, weightFeedbackParameters, 'learning');
  if (typeof through === 'string' && through !== '') return { through, direction };
  throw new SpikewireError('learning', `${where}.through`, `is ${JSON.stringify(through)}`, 'the name of a connection');
}

function objectOf(where: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new SpikewireError('learning', where, `is ${JSON.stringify(value)}`, 'an object');
}

/** Without the members that were left out. */
function present<Members extends object>(members: Members): Members {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Members;
}
