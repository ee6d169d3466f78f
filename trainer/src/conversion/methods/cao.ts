import { scalesAt } from '../analogue/activations.ts';
import { conversionMethod } from '../method.ts';

/**
 * Weights as they were trained, a threshold for each layer such that its largest activation is a spike in every step
 * (max-norm, λ = max a), and after a spike the membrane begins at 0: v ← 0. The source tunes its thresholds by hand on
 * nets of ReLUs without biases, with average pooling, and draws input spikes (`--encoder bernoulli`).
 *
 * Limits: what is above the threshold when a neuron fires is lost, so that a rate near 1 comes out too low, and one
 * outlier in the calibration samples slows down a whole layer.
 *
 * Source: Cao, Chen and Khosla 2015, Spiking deep convolutional neural networks for energy-efficient object
 * recognition, IJCV 113.
 */
export const cao = conversionMethod({
  name: 'cao',
  summary: 'thresholds at the largest activation, hard reset',
  source: 'Cao et al. 2015',
  parameters: {},
  without: ['biases', 'maxima'],
  balance: async ({ activations }) => ({ scales: scalesAt(activations, 100), reset: 'value' }),
});
