import { conversionMethod } from '../method.ts';
import { balanceByInputs } from '../weighted-inputs.ts';

/**
 * Spike-Norm: layer after layer, the threshold is the most that arrives at a neuron in one step, θ = max_t Σ w·s(t),
 * measured on the spiking net whose layers in front have their thresholds already; hard reset. Thus it sees that spikes
 * come together by chance and in bursts, which activations do not show. Weights that skip layers are brought to the
 * scale of where they arrive.
 *
 * Limits: the most of a step is far above the mean, so that rates are low and many steps are needed (the source takes
 * hundreds to thousands); it depends on the steps and the input code of the calibration. Its nets have no biases, and
 * average pooling.
 *
 * Source: Sengupta, Ye, Wang, Liu and Roy 2019, Going deeper in spiking neural networks: VGG and residual
 * architectures, Frontiers in Neuroscience 13:95, algorithm 1.
 */
export const spikeNorm = conversionMethod({
  name: 'spike-norm',
  summary: 'thresholds at the largest input in a step of the spiking net, layer by layer; hard reset',
  source: 'Sengupta et al. 2019',
  parameters: {},
  without: ['biases', 'maxima'],
  async balance(site) {
    const reset = 'value';
    return { scales: await balanceByInputs(site, { reset }, ({ largest }) => largest), reset };
  },
});
