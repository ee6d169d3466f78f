/** Zero crossings of the sinc on each side, and positions between two of its samples that are tabulated. */
const [CROSSINGS, POSITIONS] = [32, 512];
/** Of Kaiser's window: 80 dB. */
const BETA = 7.857;
/** The band that is kept, as a share of half the lower rate: what the filter takes to fall is above it. */
const BAND = 0.92;

/**
 * A signal at another rate: sinc interpolation under a Kaiser window, which cuts off what lies above half the new rate
 * (Smith and Gossett 1984, A flexible sampling-rate conversion method; Kaiser 1974). Flat to 80 % of half the lower
 * rate, 80 dB down above it; the first sample stays where it is. At the ends the weights that have a sample add up to
 * 1.
 *
 * @param from samples per second of `samples`, `to` of the result; above 0
 */
export function resampled(samples: Float32Array, from: number, to: number): Float32Array {
  const step = from / to;
  /** Cut-off in samples of the signal: 1 is half its rate. */
  const cut = BAND * Math.min(1, to / from);
  const reach = CROSSINGS / cut;
  const result = new Float32Array(samples.length === 0 ? 0 : Math.floor((samples.length - 1) / step + 1e-9) + 1);
  for (let n = 0; n < result.length; n++) {
    const centre = n * step;
    const last = Math.min(samples.length - 1, Math.floor(centre + reach));
    let [sum, weights] = [0, 0];
    for (let k = Math.max(0, Math.ceil(centre - reach)); k <= last; k++) {
      const weight = kernelAt(Math.abs(k - centre) * cut);
      sum += weight * samples[k]!;
      weights += weight;
    }
    result[n] = sum / weights;
  }
  return result;
}

/** Right half of the kernel, `POSITIONS` numbers per crossing. */
const kernel = Float64Array.from({ length: CROSSINGS * POSITIONS + 2 }, (_, k) => {
  const x = k / POSITIONS;
  const inside = 1 - (x / CROSSINGS) ** 2;
  const window = inside <= 0 ? 0 : bessel(BETA * Math.sqrt(inside)) / bessel(BETA);
  return (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x)) * window;
});

/** At `x` crossings from its middle, between two tabulated numbers. */
function kernelAt(x: number): number {
  const at = x * POSITIONS;
  const low = Math.floor(at);
  return kernel[low]! + (at - low) * (kernel[low + 1]! - kernel[low]!);
}

/** Modified Bessel function I₀, by its series. */
function bessel(x: number): number {
  let [sum, term] = [1, 1];
  for (let k = 1; term > 1e-12 * sum; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}
