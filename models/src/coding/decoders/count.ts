import { winnerOf } from '../../recognition/winner.ts';
import { type Decoder, type DecoderWindow, decoderKind } from './decoder.ts';

/**
 * Spike count: values are the events of each element over the window, counted with their value; the winner has most. A
 * silent window is a tie of all and so has winner 0.
 */
export const count = decoderKind({
  type: 'count',
  examples: [{ parameters: {} }],
  parameters: {},
  reads: 'spikes',
  classifies: true,
  prepare(_, { size }) {
    return countDecoder(size, () => 1);
  },
});

/** Counts times a unit that may depend on the window. */
export function countDecoder(size: number, unitOf: (window: DecoderWindow) => number): Decoder {
  const values = new Float64Array(size);
  const decoded = { values, winner: 0 };
  return {
    outputs: size,
    decode(window) {
      const { events } = window;
      const unit = unitOf(window);
      values.fill(0);
      for (let k = 0; k < events.length; k++) values[events.index(k)]! += events.value(k);
      for (let i = 0; i < size; i++) values[i]! *= unit;
      decoded.winner = winnerOf(values);
      return decoded;
    },
  };
}

/**
 * Maximum rate: values are the firing rates in Hz over the window, the winner fires fastest; of equal ones the lowest
 * index.
 */
export const maxRate = decoderKind({
  type: 'max-rate',
  examples: [{ parameters: {} }],
  parameters: {},
  reads: 'spikes',
  classifies: true,
  prepare(_, { size, dt }) {
    return countDecoder(size, ({ steps }) => 1 / (steps * dt));
  },
});
