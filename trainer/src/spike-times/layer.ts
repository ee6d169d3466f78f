/** Neurons of a spike response model that fire once, each with weights of several delays from every input. */
export interface SpikeTimeLayer {
  readonly inputs: number;
  readonly outputs: number;
  /** [outputs, inputs, delays]; the delays are 1, 2, … steps. */
  readonly weights: Float64Array;
  readonly delays: number;
  /** Time constant of the kernel in steps. */
  readonly tau: number;
  readonly threshold: number;
  /** Last step of a sample. */
  readonly end: number;
}

/** What became of a neuron: times in steps, Infinity where it stayed silent. */
export interface Firing {
  /** When its spike is there: at the crossing, or in the first step behind it. */
  readonly time: number;
  /** When the membrane crosses the threshold, or, of a silent neuron, where it was highest. */
  readonly crossing: number;
  /** ∂u/∂t there, per step. */
  readonly slope: number;
}

/** Slopes below it, in thresholds per step, count as it: time would change without bound where a peak just touches. */
const LEAST_SLOPE = 0.1;
/** Slope in thresholds per step at which silent neurons learn. */
const SLOPE_OF_THE_SILENT = 0.5;

/** ε(s) = (s/τ)·e^(1 − s/τ) for s > 0. */
function kernel(s: number, tau: number): number {
  return s > 0 ? (s / tau) * Math.exp(1 - s / tau) : 0;
}

/** ε′(s). */
function kernelSlope(s: number, tau: number): number {
  return s > 0 ? Math.exp(1 - s / tau) * (1 / tau) * (1 - s / tau) : 0;
}

/**
 * Times at which the neurons of a layer fire first for inputs that fire at `times`. With `onGrid` a membrane is
 * compared at whole steps, as engines do; otherwise a spike is there as soon as the membrane reaches the threshold.
 */
export function firings(layer: SpikeTimeLayer, times: ArrayLike<number>, onGrid: boolean): Firing[] {
  const { inputs, outputs, delays, end } = layer;
  const arrivals: { readonly at: number; readonly synapse: number }[] = [];
  for (let i = 0; i < inputs; i++) {
    for (let k = 0; k < delays && times[i]! + k < end; k++)
      arrivals.push({ at: times[i]! + k + 1, synapse: i * delays + k });
  }
  arrivals.sort((a, b) => a.at - b.at);
  // Between these no arrival falls, so that u(t) = e^(1 − t/τ)/τ·(t·A − B), A = Σ w·e^(a/τ), B = Σ w·a·e^(a/τ).
  const steps = Array.from({ length: end }, (_, step) => step + 1);
  const stops = onGrid ? steps : [...new Set([...steps, ...arrivals.map(({ at }) => at)])].sort((a, b) => a - b);
  return Array.from({ length: outputs }, (_, j) => firstFiring(layer, j, arrivals, stops, onGrid));
}

function firstFiring(
  { inputs, weights, delays, tau, threshold }: SpikeTimeLayer,
  j: number,
  arrivals: readonly { readonly at: number; readonly synapse: number }[],
  stops: readonly number[],
  onGrid: boolean,
): Firing {
  const row = j * inputs * delays;
  let [a, b, next, from] = [0, 0, 0, 0];
  const membrane = (t: number) => (Math.exp(1 - t / tau) / tau) * (t * a - b);
  const slope = (t: number) => (Math.exp(1 - t / tau) / tau) * (a - (t * a - b) / tau);
  let [highest, at] = [Number.NEGATIVE_INFINITY, 0];
  for (const to of stops) {
    for (; next < arrivals.length && arrivals[next]!.at <= from; next++) {
      const arrival = arrivals[next]!;
      const grown = weights[row + arrival.synapse]! * Math.exp(arrival.at / tau);
      a += grown;
      b += grown * arrival.at;
    }
    const u = membrane(to);
    if (u > threshold) {
      let [low, high] = [from, to];
      for (let k = 0; k < 50 && high - low > 1e-12; k++) {
        const middle = (low + high) / 2;
        if (membrane(middle) > threshold) high = middle;
        else low = middle;
      }
      return { time: onGrid ? to : high, crossing: high, slope: slope(high) };
    }
    if (u > highest) [highest, at] = [u, to];
    from = to;
  }
  return { time: Number.POSITIVE_INFINITY, crossing: at, slope: SLOPE_OF_THE_SILENT * threshold };
}

/**
 * Adds ∂E/∂w to `gradient` and returns ∂E/∂t of the inputs, for `errors` ∂E/∂t of the outputs (SpikeProp, Bohte, Kok
 * and La Poutré 2002, eqs. 12 to 17): ∂t/∂u = −1/(∂u/∂t), so ∂t_j/∂w = −ε(t_j − a)/u′_j and
 * ∂t_j/∂t_i = Σ w·ε′(t_j − a)/u′_j with a = t_i + d. A silent neuron is taken to fire where its membrane was highest.
 */
export function backPropagate(
  { inputs, outputs, delays, weights, tau, threshold }: SpikeTimeLayer,
  times: ArrayLike<number>,
  fired: readonly Firing[],
  errors: ArrayLike<number>,
  gradient: Float64Array,
): Float64Array {
  const ofInputs = new Float64Array(inputs);
  for (let j = 0; j < outputs; j++) {
    const { crossing, slope } = fired[j]!;
    const perMembrane = -errors[j]! / Math.max(slope, LEAST_SLOPE * threshold);
    if (perMembrane === 0) continue;
    for (let i = 0; i < inputs; i++) {
      for (let k = 0; k < delays; k++) {
        const since = crossing - times[i]! - k - 1;
        if (!(since > 0)) break;
        const synapse = (j * inputs + i) * delays + k;
        gradient[synapse]! += perMembrane * kernel(since, tau);
        ofInputs[i]! -= perMembrane * weights[synapse]! * kernelSlope(since, tau);
      }
    }
  }
  return ofInputs;
}
