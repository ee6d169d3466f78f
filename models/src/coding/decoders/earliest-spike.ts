import { decoderKind } from './decoder.ts';

/**
 * Earliest spike (SpikeProp's answer: Bohte, Kok and La Poutré 2002): values are the times of the first spikes in
 * seconds from the window's start, the winner is first; of those in the same step the lowest index. A silent element
 * gets the length of the window, so that a silent window is a tie of all with winner 0.
 */
export const earliestSpike = decoderKind({
  type: 'earliest-spike',
  examples: [{ parameters: {} }],
  parameters: {},
  reads: 'spikes',
  classifies: true,
  prepare(_, { size, dt }) {
    const values = new Float64Array(size);
    const decoded = { values, winner: 0 };
    return {
      outputs: size,
      decode({ steps, events }) {
        values.fill(steps * dt);
        // Backwards, so that the first spike is written last.
        for (let k = events.length - 1; k >= 0; k--) {
          if (events.value(k) !== 0) values[events.index(k)] = events.step(k) * dt;
        }
        let winner = 0;
        for (let i = 1; i < size; i++) if (values[i]! < values[winner]!) winner = i;
        decoded.winner = winner;
        return decoded;
      },
    };
  },
});
