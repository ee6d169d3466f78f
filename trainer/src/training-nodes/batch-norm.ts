import { elementCount } from '@spikewire/models';
import { scaleChannels, shiftChannels } from '../graph/operations/channels.ts';
import { add, multiply, scale } from '../graph/operations/elementwise.ts';
import { reciprocal, squareRoot } from '../graph/operations/functions.ts';
import { channelSums } from '../graph/operations/sums.ts';
import type { Value } from '../graph/operations/value.ts';
import type { LayerWord } from '../layer-words/word.ts';
import type { TrainingNode } from '../lowering/training-node.ts';

/** ε, which keeps a channel that never changes from being divided by 0. */
const EPSILON = 1e-5;
/** Share of the way to the statistics of a batch that the running ones go in a step. */
const MOMENTUM = 0.1;

/** Currents of the next neurons, normalised; `tdbn` times their threshold, `tdbn0.33` times 0.33 of it. */
export const batchNorm: LayerWord = {
  example: 'bn',
  summary: 'what arrives at the next neurons, normalised; tdbn: times their threshold, tdbn0.33: times 0.33 of it',
  pattern: /^(?:bn|(tdbn)(\d*\.?\d+)?)$/,
  write(site, [, dependent, alpha = '1']) {
    site.beforeNeurons(batchNormNode(dependent === undefined ? 1 : Number(alpha) * site.threshold));
    return site.inputShape;
  },
};

/**
 * Batch normalisation (Ioffe and Szegedy 2015, algorithm 1) over all samples, steps and places of a channel: y =
 * γ·gain·(x − μ)/√(σ² + ε) + β. With the gain α·V_th it is threshold-dependent (Zheng et al. 2021, Going deeper with
 * directly-trained larger spiking neural networks, tdBN): what arrives stays within reach of the threshold. Evaluated
 * with running means of μ and of the unbiased σ².
 */
export function batchNormNode(gain: number): TrainingNode {
  return {
    type: 'batch-norm',
    // μ has it too.
    idle: ['bias'],
    arrays([channels]) {
      const shape = [channels!];
      return {
        scale: { shape, start: 1, changedBy: 'optimiser' },
        offset: { shape, start: 0, changedBy: 'optimiser' },
        mean: { shape, start: 0, changedBy: 'node' },
        variance: { shape, start: 1, changedBy: 'node' },
      };
    },
    lower(array, learns) {
      const next: Record<string, Value> = {};
      const statistics = (rows: Value) => {
        const count = elementCount(rows.shape) / rows.shape[1]!;
        const mean = scale(channelSums(rows), 1 / count);
        const centred = shiftChannels(rows, scale(mean, -1));
        const variance = scale(channelSums(multiply(centred, centred)), 1 / count);
        next.mean = towards(array('mean'), mean);
        next.variance = towards(array('variance'), scale(variance, count / Math.max(1, count - 1)));
        return { centred, variance };
      };
      const known = (rows: Value) => ({
        centred: shiftChannels(rows, scale(array('mean'), -1)),
        variance: array('variance'),
      });
      const normalise = (rows: Value) => {
        const { centred, variance } = learns ? statistics(rows) : known(rows);
        const deviation = squareRoot(scale(variance, 1, EPSILON));
        const factors = multiply(scale(array('scale'), gain), reciprocal(deviation));
        return shiftChannels(scaleChannels(centred, factors), array('offset'));
      };
      return { over: (signal) => signal.map(normalise), next };
    },
    fold(array) {
      const [mean, variance, offset] = [array('mean'), array('variance'), array('offset')];
      const factors = Float64Array.from(array('scale'), (γ, c) => (γ * gain) / Math.sqrt(variance[c]! + EPSILON));
      return { factors, summands: factors.map((factor, c) => offset[c]! - factor * mean[c]!) };
    },
  };
}

function towards(before: Value, now: Value): Value {
  return add(scale(before, 1 - MOMENTUM), scale(now, MOMENTUM));
}
