import { real } from '../kept-numbers.ts';
import { DIAGONAL, type Factors, takeSample, UPPER } from '../recognition/readouts/recursive-least-squares.ts';
import { plasticityKind, type RuleMemory } from './rule.ts';

/** How far forgetting may go in directions from which no sample comes. */
const GROWTH = 100;

/**
 * Recursive least squares (Haykin, Adaptive Filter Theory, chapter on RLS): with each error E_j = y_j − d_j of a
 * read-out y_j = Σ_i w_ij·x_i the weights become those that least squares gives for all samples so far, with a ridge
 * around the weights at the start: k = Px/(λ + xᵀPx), Δw_ij = −k_i·E_j, P ← (P − k·xᵀP)/λ, P = I/ridge at first.
 *
 * x is the spikes of the window, for a read-out that adds them up (I with r = 1/dt, again with each sample); with
 * tauPre their low-pass, for a Lowpass of that time constant. P is kept as U·D·Uᵀ (Bierman 1977, Factorization Methods
 * for Discrete Sequential Estimation), U unit upper triangular, D > 0: it stays symmetric and positive definite,
 * whatever is rounded. Forgetting lets D grow to at most a hundred times that of the start. (n² + n)/2 numbers in
 * float32 for n inputs, 1.5·n² multiplications per sample.
 */
export const rls = plasticityKind({
  rule: 'rls',
  examples: [{}, { tauPre: 0.01, forgetting: 0.98 }],
  signal: 'error',
  structures: ['dense'],
  parameters: {
    ridge: { doc: 'weight of the start, in squares of x', form: 'number', default: 1, minimum: 1e-6 },
    forgetting: {
      doc: 'λ, what a sample still weighs after the next; 1: as much as ever',
      form: 'number',
      default: 1,
      minimum: 0.5,
      maximum: 1,
    },
    tauPre: {
      doc: 'time constant of the low-pass x; absent: spikes are counted',
      unit: 's',
      form: 'number',
      above: 0,
      optional: true,
    },
  },
  memory: ({ inputs }) => ({
    upper: { length: (inputs * (inputs - 1)) / 2, range: UPPER },
    diagonal: { length: inputs, range: DIAGONAL },
    gain: { length: inputs, range: real() },
  }),
  prepare({ ridge, forgetting, tauPre }, { inputs, dt }) {
    const [mode, tau, unit] =
      tauPre === undefined ? (['add', Number.POSITIVE_INFINITY, 1] as const) : (['rate', tauPre, dt] as const);
    const x = new Float64Array(inputs);
    return {
      traces: [{ name: 'activity', side: 'pre', mode, tau }],
      beginMemory({ upper, diagonal, gain }) {
        upper!.fill(0);
        diagonal!.fill(1 / ridge);
        gain!.fill(0);
      },
      remember({ pre, memory }) {
        for (let i = 0; i < inputs; i++) x[i] = unit * pre[0]!.at(i);
        takeSample(memory as RuleMemory & Factors, x, { forgetting, largest: GROWTH / ridge });
      },
      onSignal: (_weight, i, j, { signal, memory }) => -memory.gain![i]! * signal[j]!,
    };
  },
});
