import type { ParameterTable } from '../../parameters/declaration.ts';
import { winnerOf } from '../../recognition/winner.ts';
import { decoderKind } from './decoder.ts';
import { softmax } from './softmax.ts';

const parameters = {
  rate: {
    doc: 'rate of the generator that calls for spikes (default one in every step)',
    unit: 'Hz',
    form: 'number',
    above: 0,
    optional: true,
  },
  temperature: { doc: 'divides the potentials: the higher, the more even', form: 'number', default: 1, above: 0 },
  potential: {
    doc:
      '"emitted": what the node in front emits in a step is its potential (I, LI); ' +
      '"summed": the potential is the sum of all it has emitted in the window (a connection, spikes)',
    form: 'word',
    words: ['emitted', 'summed'],
    default: 'emitted',
  },
} as const satisfies ParameterTable;

/**
 * Spikes drawn by softmax probability (Rueckauer, Lungu, Hu, Pfeiffer and Liu 2017; Nessler, Pfeiffer and Maass 2009):
 * the last layer accumulates its input and does not fire. A Poisson generator of fixed rate calls for spikes; each goes
 * to one class, drawn with the probability e^(v_i/T) / Σ e^(v_k/T) of the potentials v of that step. Values are the
 * spikes of each class over the window, the winner has most; of equal ones the lowest index.
 *
 * A step has a call with probability 1 − e^(−rate·dt). Drawn from the stream of the decoder, which is saved with the
 * state.
 */
export const softmaxDrawn = decoderKind({
  type: 'softmax-drawn',
  examples: [{ parameters: {}, state: true }],
  parameters,
  reads: 'spikes',
  classifies: true,

  prepare({ rate, temperature, potential: kind }, { size, dt, random }) {
    const called = rate === undefined ? 1 : -Math.expm1(-rate * dt);
    const summed = kind === 'summed';
    const potential = new Float64Array(size);
    const probability = new Float64Array(size);
    const values = new Float64Array(size);
    const decoded = { values, winner: 0 };

    function draw(): void {
      softmax(potential, temperature, probability);
      let left = random.nextUniform();
      let drawn = 0;
      for (; drawn < size - 1; drawn++) {
        left -= probability[drawn]!;
        if (left < 0) break;
      }
      values[drawn]! += 1;
    }

    return {
      outputs: size,
      state: { random: random.kept },
      workingBytes: potential.byteLength + probability.byteLength + values.byteLength,
      decode({ steps, events }) {
        values.fill(0);
        potential.fill(0);
        let k = 0;
        for (let step = 0; step < steps; step++) {
          if (!summed) potential.fill(0);
          for (; k < events.length && events.step(k) === step; k++) potential[events.index(k)]! += events.value(k);
          if (called === 1 || random.nextUniform() < called) draw();
        }
        decoded.winner = winnerOf(values);
        return decoded;
      },
    };
  },
});
