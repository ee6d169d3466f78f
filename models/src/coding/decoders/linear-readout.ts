import { type DecoderWindow, decoderKind } from './decoder.ts';

/**
 * Linear read-out of the NEF (Eliasmith and Anderson 2003, chapter 2): the decoding weights and the synaptic low-pass
 * are nodes of the graph, so the answer is what the read-out node holds at the window's end, one number per element, in
 * the units of the decoded function. Where there is no such node, it is the sum of the graded events of the last step.
 * No winner (−1).
 */
export const linearReadout = decoderKind({
  type: 'linear',
  examples: [{ parameters: {}, state: true }],
  parameters: {},
  reads: 'either',
  classifies: false,
  prepare(_, { size }) {
    const values = new Float64Array(size);
    const decoded = { values, winner: -1 };
    return {
      outputs: size,
      decode(window) {
        if (window.membrane === undefined) sumLastStep(window, values);
        else for (let i = 0; i < size; i++) values[i] = window.membrane[i]!;
        return decoded;
      },
    };
  },
});

function sumLastStep({ events, steps }: DecoderWindow, values: Float64Array): void {
  values.fill(0);
  for (let k = events.length - 1; k >= 0 && events.step(k) === steps - 1; k--) {
    values[events.index(k)]! += events.value(k);
  }
}
