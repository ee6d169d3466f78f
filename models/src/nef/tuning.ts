import { SpikewireError } from '../error.ts';

/** How a neuron's firing rate depends on a constant current J = gain·(e·x)/radius + bias. */
export interface NeuronTuning {
  /** Rate in Hz. */
  rate(current: number): number;
  /**
   * The gain and bias with which the neuron begins to fire at e·x/radius = `intercept` (below 1) and reaches `maxRate`
   * (Hz) at
   * 1. Throws `parameter` where no current does that.
   */
  gainAndBias(maxRate: number, intercept: number): { readonly gain: number; readonly bias: number };
}

/** Time constants of a LIF neuron with resistance 1, threshold 1 and reset to 0, in seconds. */
export interface LifTimes {
  readonly tau: number;
  readonly tauRef: number;
}

/** The currents at which the neuron begins to fire and at which it reaches its maximal rate give gain and bias. */
function line(rheobase: number, maximal: number, intercept: number): { gain: number; bias: number } {
  if (!(intercept < 1)) {
    throw new SpikewireError('parameter', 'intercept', `is ${intercept}`, 'a number below 1');
  }
  const gain = (maximal - rheobase) / (1 - intercept);
  return { gain, bias: rheobase - gain * intercept };
}

/**
 * LIF in continuous time (Eliasmith and Anderson 2003, eq. 2.11 and appendix B):
 * rate = 1/(τ_ref + τ·ln(1 + 1/(J − 1))) for J > 1, else 0.
 */
export function lifTuning({ tau, tauRef }: LifTimes): NeuronTuning {
  return {
    rate: (current) => (current > 1 ? 1 / (tauRef + tau * Math.log1p(1 / (current - 1))) : 0),
    gainAndBias(maxRate, intercept) {
      if (!(maxRate > 0 && maxRate * tauRef < 1)) {
        throw new SpikewireError(
          'parameter',
          'maximal rate',
          `is ${maxRate} Hz`,
          `above 0 and below ${1 / tauRef} Hz, which the refractory time allows`,
        );
      }
      return line(1, 1 / -Math.expm1((tauRef - 1 / maxRate) / tau), intercept);
    },
  };
}

/**
 * The same neuron on a grid of steps of `dt` seconds, as engines run it: exact integration, spike where v > 1, and
 * reset by subtraction, which hands the overshoot on to the next interval.
 *
 * The membrane passes 1 some δ before the step in which it is seen, evenly spread over 0 … dt. The overshoot, which
 * grew with the slope (J − 1)/τ at the threshold, saves only δ·(J − 1)/J of the rise from 0, whose slope is J/τ; so an
 * interval lasts dt/2J longer on average, and never less than one step more than the rest of round(τ_ref/dt) steps:
 * rate = 1/max((rest + 1)·dt, rest·dt + τ·ln(1 + 1/(J − 1)) + dt/2J). Gains and biases are those of continuous time.
 */
export function steppedLifTuning(times: LifTimes, dt: number): NeuronTuning {
  const rest = Math.round(times.tauRef / dt) * dt;
  return {
    ...lifTuning(times),
    rate(current) {
      if (!(current > 1)) return 0;
      const rise = times.tau * Math.log1p(1 / (current - 1)) + dt / (2 * current);
      return 1 / (rest + Math.max(dt, rise));
    },
  };
}

/** Rectified linear: rate = max(0, J), J in Hz. */
export const rectifiedLinearTuning: NeuronTuning = {
  rate: (current) => Math.max(0, current),
  gainAndBias(maxRate, intercept) {
    if (!(maxRate > 0)) throw new SpikewireError('parameter', 'maximal rate', `is ${maxRate} Hz`, 'above 0');
    return line(0, maxRate, intercept);
  },
};
