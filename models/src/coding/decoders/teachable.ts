import type { ParameterTable, PlainParameters } from '../../parameters/declaration.ts';
import { readParameters } from '../../parameters/read.ts';
import { Adwin } from '../../recognition/adwin.ts';
import { Learner, learnerCost } from '../../recognition/learner.ts';
import { PageHinkley } from '../../recognition/page-hinkley.ts';
import { delta } from '../../recognition/readouts/delta-readout.ts';
import { leastSquares } from '../../recognition/readouts/least-squares-readout.ts';
import { prototypes } from '../../recognition/readouts/prototype-readout.ts';
import { decoderKind } from './decoder.ts';

const parameters = {
  readout: {
    doc:
      '"experts": least squares and its base in a mixture; "rls": least squares alone; ' +
      '"delta": the delta rule; "prototypes": the nearest class mean',
    form: 'word',
    words: ['experts', 'rls', 'delta', 'prototypes'],
    default: 'experts',
  },
  views: {
    doc: 'equal parts of the elements that see the sample each in its own way, such as by two normalisations',
    form: 'integer',
    default: 1,
    minimum: 1,
    maximum: 2,
  },
  mostClasses: { doc: 'classes at most', form: 'integer', default: 32, minimum: 2, maximum: 256 },
  ridge: { doc: 'by how much each lesson of a base holds its weights near 0', form: 'number', default: 0.05, above: 0 },
  balance: {
    doc: '"classes": lessons of a rare class count for more, by frequency^−½, at most 3',
    form: 'word',
    words: ['none', 'classes'],
    default: 'none',
  },
  drift: {
    doc: 'what re-opens the read-out when its answers have become worse: "adwin", "page-hinkley" or "none"',
    form: 'word',
    words: ['adwin', 'page-hinkley', 'none'],
    default: 'adwin',
  },
  budget: {
    doc: 'lessons per 100 windows that are learned, the others are only scored; absent: all are',
    form: 'number',
    above: 0,
    optional: true,
  },
  selfTraining: {
    doc:
      'weight with which a window teaches the class that it was taken for with a confidence above 0.9; ' +
      '0: it does not',
    form: 'number',
    default: 0,
    minimum: 0,
    maximum: 1,
  },
  replay: {
    doc: 'lessons that are kept, of which four are repeated with each new one',
    form: 'integer',
    default: 0,
    minimum: 0,
    maximum: 4096,
  },
} as const satisfies ParameterTable;

/** What it is made of. */
function partsOf({ readout, ridge, drift }: PlainParameters<typeof parameters>) {
  const squares = leastSquares(ridge);
  return {
    readout: { experts: squares, rls: squares, delta, prototypes }[readout],
    drift: { adwin: () => new Adwin(), 'page-hinkley': () => new PageHinkley(), none: () => undefined }[drift](),
  };
}

/**
 * A read-out that is taught while it runs: it counts the spikes of each element over the window, and learns classes
 * from the counts by recursive least squares. Values are the probabilities of the classes, in their order, and 0 where
 * there is none yet; before anything was taught there is no winner. Computed with real numbers on whole counts, so it
 * is the same behind every engine and number format.
 */
export const teachable = decoderKind({
  type: 'teachable',
  examples: [{ parameters: {} }, { parameters: { readout: 'delta', views: 2, balance: 'classes', replay: 8 } }],
  parameters,
  reads: 'spikes',
  classifies: true,

  cost(given, size, classes) {
    const read = readParameters('decoder "teachable"', given, parameters);
    return learnerCost({ ...read, ...partsOf(read), size }, classes, true);
  },

  prepare(read, { where, size, labels = [], random }) {
    const { views, balance, ridge: _, ...rest } = read;
    const learner = new Learner({
      ...rest,
      where,
      size,
      views,
      labels,
      random,
      ...partsOf(read),
      mixture: read.readout === 'experts',
      balance: balance === 'classes',
    });
    const counts = new Float64Array(size);
    return {
      outputs: read.mostClasses,
      state: learner.state,
      teachable: learner,
      workingBytes: counts.byteLength,
      decode({ events, learning, votes }) {
        counts.fill(0);
        for (let k = 0; k < events.length; k++) counts[events.index(k)]! += events.value(k);
        return learner.decodeCounts(counts, learning, votes);
      },
    };
  },
});
