import { netParameters } from '../architecture/parameters.ts';
import { gradientParameters } from '../runs/gradient-parameters.ts';
import { method } from './method.ts';

/**
 * The gradient through all layers and all steps, with a surrogate in place of the derivative of the spike. Input as
 * direct current: the first layer's product is computed once per sample, and few steps suffice.
 */
export const stbp = method({
  name: 'stbp',
  summary: 'surrogate gradients, backpropagated through layers and time',
  source: 'Wu et al. 2018, Spatio-temporal backpropagation',
  parameters: { ...netParameters, ...gradientParameters },
  start: async (site, parameters) => (await import('../runs/train-net.ts')).trainNet(site, parameters),
});
