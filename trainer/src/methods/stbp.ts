import type { Method } from './method.ts';

/**
 * Spatio-temporal backpropagation (Wu et al. 2018): the gradient through all layers and all steps, with a surrogate in place of
 * the derivative of the spike. Input as direct current: the first layer's product is computed once per sample, and few steps
 * suffice.
 */
export const stbp: Method = {
  name: 'stbp',
  summary: 'surrogate gradients, backpropagated through layers and time (Wu et al. 2018)',
  recipe: {
    neuron: { tau: 0.004, threshold: 1, reset: 'subtract', integrate: 'euler' },
    encoder: 'direct',
    surrogate: 'arctan',
    readOut: 'rate',
    schedule: 'cosine',
    learningRate: 0.002,
    batch: 128,
    patience: 10,
  },
};
