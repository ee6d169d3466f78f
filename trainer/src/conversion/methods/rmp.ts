import { activationCovering } from '../analogue/activations.ts';
import { conversionMethod, percentile } from '../method.ts';
import { balanceByInputs } from '../weighted-inputs.ts';

/**
 * Residual membrane potential: a spike takes the threshold and leaves what is above it (soft reset), f_out =
 * f_in·V_in/θ as long as the threshold is in its range, f_in·V_in ≤ θ ≤ V_in: below it rates would pass 1, above it
 * several arrivals are needed for a spike. θ is measured layer after layer on the spiking net: V_in the most that
 * arrives in a step, f_in·V_in what arrives in a step on the mean over a sample; `place` 0 is the lower end of the
 * range, 1 the upper. The source takes the largest f_in·V_in (`percentile` 100) and hundreds of steps; with few, the
 * rates of all others are coarse for the sake of a few, which is why those above the 99.9th percentile are clipped.
 *
 * Limits: as Spike-Norm it depends on the calibration's steps and code. Nets of the source have no biases, and average
 * pooling.
 *
 * Source: Han, Srinivasan and Roy 2020, RMP-SNN: residual membrane potential neuron for enabling deeper high-accuracy
 * and low-latency spiking neural network, CVPR.
 */
export const rmp = conversionMethod({
  name: 'rmp',
  summary: 'soft reset, thresholds within the range of inputs that the spiking net receives',
  source: 'Han et al. 2020',
  parameters: {
    place: {
      doc: 'position of each threshold in its possible range: 0 is the lowest, 1 the highest',
      form: 'number',
      default: 0,
      minimum: 0,
      maximum: 1,
    },
    percentile: {
      ...percentile,
      doc: 'share of what arrives on the mean of a sample that the lower end does not clip',
    },
  },
  without: ['biases', 'maxima'],
  async balance(site, { place, percentile: share }) {
    const reset = 'subtract';
    const scales = await balanceByInputs(site, { reset }, ({ largest, means }) => {
      const low = means.positive.length === 0 ? largest : activationCovering(means, share / 100);
      return (1 - place) * low + place * largest;
    });
    return { scales, reset };
  },
});
