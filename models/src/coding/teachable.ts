import type { ParameterTable } from '../parameters/declaration.ts';
import { Learner } from '../recognition/learner.ts';
import { leastSquaresReadout } from '../recognition/least-squares-readout.ts';
import { decoderKind } from './decoder.ts';

const parameters = {
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
} as const satisfies ParameterTable;

/**
 * A read-out that is taught while it runs: it counts the spikes of each element over the window, and learns classes
 * from the counts by recursive least squares. Values are the probabilities of the classes, in their order, and 0 where
 * there is none yet; before anything was taught there is no winner. Computed with real numbers on whole counts, so it
 * is the same behind every engine and number format.
 */
export const teachable = decoderKind({
  type: 'teachable',
  examples: [{ parameters: {} }, { parameters: { views: 2, balance: 'classes' } }],
  parameters,
  reads: 'spikes',
  classifies: true,

  prepare({ views, mostClasses, ridge, balance }, { where, size, labels = [] }) {
    const learner = new Learner({
      where,
      size,
      views: views as 1 | 2,
      labels,
      mostClasses,
      balance: balance === 'classes',
      readout: (inputs) => leastSquaresReadout(inputs, mostClasses, ridge),
    });
    const counts = new Float64Array(size);
    return {
      outputs: mostClasses,
      state: learner.state,
      teachable: learner,
      decode({ events }) {
        counts.fill(0);
        for (let k = 0; k < events.length; k++) counts[events.index(k)]! += events.value(k);
        return learner.decodeCounts(counts);
      },
    };
  },
});
