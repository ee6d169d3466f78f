import { createHash } from 'node:crypto';
import { classifierModel, nextReadingModel, quantize, RandomGenerator, writeModel } from '@spikewire/models';
import { engineNamed } from 'spikewire';
import { inProcess } from 'spikewire/executor';
import { KeptSession } from 'spikewire/session';

/** @typedef {import('./learning-kill-net.d.mts').LearningNet} LearningNet */

const channels = [{ name: 'level', unit: 'm' }];
const predictor = writeModel(
  quantize(nextReadingModel({ channels, neurons: 10, rangeWarmUp: 20, monitor: { warmUp: 20 } }), {
    bits: 8,
    headroom: 8,
  }),
);
// What is usual is given, so that each reading has an answer.
const standardise = { mean: 3.5, deviation: 3 };
const classifier = writeModel(
  classifierModel({ channels, labels: ['low', 'high'], standardise, running: false, neurons: 20 }),
);

/**
 * Tiny nets that learn, by what they are. A digest of what they know goes into each save as its notes.
 *
 * @type {Record<'predictor' | 'classifier', LearningNet>}
 */
export const nets = {
  /** Learns from the error of each reading. */
  predictor: {
    open: (directory, warnings) => open(predictor, directory, warnings, nets.predictor),
    digest: ({ session }) => {
      const { network } = /** @type {import('spikewire/executor').InProcessExecutor} */ (session.executor);
      const weights = network.readWeights('reading/decode');
      return createHash('sha256').update(new Uint8Array(weights.buffer)).digest('hex');
    },
    done: ({ session }) => session.sequence,
    act: (kept, k) => kept.feed(reading(k)),
  },
  /** Is told after each reading what it was. */
  classifier: {
    open: (directory, warnings) => open(classifier, directory, warnings, nets.classifier),
    digest: ({ session: { taught } }) => JSON.stringify([taught?.figures.accuracy, taught?.confusion]),
    done: ({ session: { sequence, taught } }) => sequence + (taught?.figures.labels ?? 0),
    act(kept, k) {
      const { time, values } = reading(k >> 1);
      if (k % 2 === 0) return kept.feed({ time, values });
      return kept.teach({ kind: 'label', label: values[0] > 4 ? 'high' : 'low', time });
    },
  },
};

/**
 * @param {Uint8Array} bytes
 * @param {string | undefined} directory
 * @param {string[]} warnings
 * @param {LearningNet} net
 */
async function open(bytes, directory, warnings = [], { digest }) {
  /** @type {KeptSession} */
  const kept = await KeptSession.open(bytes, inProcess(engineNamed('clocked')), {
    ...(directory === undefined ? {} : { store: directory }),
    saveEverySeconds: 0,
    lessonsPerDay: Number.POSITIVE_INFINITY,
    notes: () => digest(kept),
    warn: (line) => warnings.push(line),
  });
  return kept;
}

/**
 * Reading `k` of the endless stream, which follows from its number alone.
 *
 * @param {number} k
 */
function reading(k) {
  const noise = new RandomGenerator(k, 'level').nextNormal();
  return { time: 1000 * k, values: Float64Array.of(3 * Math.sin(k / 50) + (k % 700) / 100 + 0.05 * noise) };
}
