import type { ParameterTable } from '../../parameters/declaration.ts';
import { winnerOf } from '../../recognition/winner.ts';
import { decoderKind } from './decoder.ts';

const parameters = {
  modulation: {
    doc: 'm, what each earlier element leaves of the weight of the next',
    form: 'number',
    default: 0.9,
    above: 0,
    maximum: 1,
  },
} as const satisfies ParameterTable;

/**
 * Rank (Thorpe and Gautrais 1998): values are m^k, k the number of elements whose first spike came in an earlier step:
 * what a neuron that is desensitised by each arrival gets of each. An element without a spike gets 0. The winner is
 * first; of those in the same step, which share a rank, the lowest index.
 */
export const rank = decoderKind({
  type: 'rank',
  examples: [{ parameters: {} }],
  parameters,
  reads: 'spikes',
  classifies: true,
  prepare({ modulation }, { size }) {
    const values = new Float64Array(size);
    const decoded = { values, winner: 0 };
    return {
      outputs: size,
      decode({ events }) {
        values.fill(0);
        let arrived = 0;
        let earlier = 0;
        let step = -1;
        for (let k = 0; k < events.length; k++) {
          if (events.step(k) !== step) earlier = arrived;
          step = events.step(k);
          if (values[events.index(k)] !== 0 || events.value(k) === 0) continue;
          // Never 0, the mark of silence, however many came before.
          values[events.index(k)] = Math.max(Number.MIN_VALUE, modulation ** earlier);
          arrived++;
        }
        decoded.winner = winnerOf(values);
        return decoded;
      },
    };
  },
});
