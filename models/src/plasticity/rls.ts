import { plasticityKind, type RuleMemory } from './rule.ts';

/** How far forgetting may go in directions from which no sample comes. */
const GROWTH = 100;

/**
 * Recursive least squares (Haykin, Adaptive Filter Theory, chapter on RLS): with each error E_j = y_j − d_j of a
 * read-out y_j = Σ_i w_ij·x_i the weights become those that least squares gives for all samples so far, with a ridge
 * around the weights at the start: k = Px/(λ + xᵀPx), Δw_ij = −k_i·E_j, P ← (P − k·xᵀP)/λ, P = I/ridge at first.
 *
 * x is the spikes of the window, for a read-out that adds them up (I with r = 1/dt, anew with each sample); with tauPre
 * their low-pass, for a Lowpass of that time constant. P is kept as U·D·Uᵀ (Bierman 1977, Factorization Methods for
 * Discrete Sequential Estimation), U unit upper triangular, D > 0: it stays symmetric and positive definite, whatever
 * is rounded. Forgetting lets D grow to at most a hundred times that of the start. (n² + n)/2 numbers in float32 for n
 * inputs, 1.5·n² multiplications per sample.
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
  memory: ({ inputs }) => ({ upper: (inputs * (inputs - 1)) / 2, diagonal: inputs, gain: inputs }),
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
        takeSample(memory, x, forgetting, GROWTH / ridge);
      },
      onSignal: (_weight, i, j, { signal, memory }) => -memory.gain![i]! * signal[j]!,
    };
  },
});

/**
 * Bierman's update of U and D for one sample, and its gain k. Column j of U begins at j·(j − 1)/2; its diagonal is not
 * stored.
 */
function takeSample({ upper, diagonal, gain }: RuleMemory, x: Float64Array, forgetting: number, largest: number): void {
  let alpha = forgetting;
  for (let j = 0; j < x.length; j++) {
    const column = (j * (j - 1)) / 2;
    let f = x[j]!;
    for (let i = 0; i < j; i++) f += upper![column + i]! * x[i]!;
    const d = diagonal![j]!;
    const v = d * f;
    const next = alpha + v * f;
    diagonal![j] = Math.min(largest, (d * alpha) / (next * forgetting));
    gain![j] = v;
    const step = -f / alpha;
    for (let i = 0; i < j; i++) {
      const u = upper![column + i]!;
      upper![column + i] = u + gain![i]! * step;
      gain![i]! += u * v;
    }
    alpha = next;
  }
  for (let i = 0; i < x.length; i++) gain![i]! /= alpha;
}
