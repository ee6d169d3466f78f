import { netParameters } from '../architecture/parameters.ts';
import { gradientParameters } from '../runs/gradient/gradient-parameters.ts';
import { method } from './method.ts';

/**
 * The gradient through all layers and all steps, with a surrogate in place of the derivative of the spike. Input as
 * direct current: the first layer's product is computed once per sample, and few steps suffice.
 *
 * In the source the gradient also goes through the reset, u ← τ·u·(1 − o) (equation 2), whose derivative by the spike o
 * is −τ·u. Here it does with `resetGradient` "full"; "detached", the default, takes spikes as constants there.
 */
export const stbp = method({
  name: 'stbp',
  summary: 'surrogate gradients, backpropagated through layers and time',
  source: 'Wu et al. 2018, Spatio-temporal backpropagation',
  takesNumbers: true,
  parameters: { ...netParameters, ...gradientParameters },
  presets: {
    'mnist-mlp': {
      data: 'mnist',
      parameters: { arch: '784-800-10', epochs: 25, dropout: 0.1, augment: 'shift:most=1', loss: 'membrane' },
    },
    'mnist-cnn': {
      data: 'mnist',
      parameters: {
        arch: 'tdbn0.33-15C5-P2-tdbn0.33-40C5-P2-tdbn0.33-300-10',
        steps: 4,
        epochs: 15,
        augment: 'shift:most=2',
        loss: 'membrane',
      },
    },
    'mnist-rows': {
      data: 'mnist',
      parameters: {
        arch: '28-tdbn0.5-R256-10',
        neuron: 'alif',
        encoder: 'sequence:frames=28',
        steps: 28,
        tau: 0.02,
        learn: 'tau+threshold',
        surrogate: 'superspike:slope=3',
        epochs: 15,
        learningRate: 0.006,
        loss: 'membrane',
      },
    },
  },
  start: async (site, parameters) => (await import('../runs/gradient/train-net.ts')).trainNet(site, parameters),
});
