import { netParameters } from '../architecture/parameters.ts';
import { gradientParameters } from '../runs/gradient/gradient-parameters.ts';
import { spikeRateNode } from '../training-nodes/spike-rate.ts';
import { method } from './method.ts';

const { neuron: _neuron, steps: _steps, tau: _tau, threshold: _threshold, reset: _reset, ...net } = netParameters;
const {
  loss: _loss,
  surrogate: _surrogate,
  resetGradient: _resetGradient,
  learn: _learn,
  ...others
} = gradientParameters;
const { regulariser, ...gradient } = others;

/**
 * An analogue net for masks that is meant to become a spiking one (Patel, Hunsberger, Batir and Eliasmith 2021): its
 * units give the rate of a neuron that begins anew with each spike, 1/⌈1/x⌉, with noise in the place of what is rounded
 * up while they learn; more noise may be on the input (`augment`), and the highest rates of each neuron are kept within
 * a range (`regulariser`). What comes out has plain rectifiers, and is converted by the method of the same name.
 *
 * Limits: rates near one spike a step are coarse, 1, ½, ⅓, which the net has to learn with.
 */
export const patel = method({
  name: 'patel',
  summary:
    'trains a non-spiking net for image segmentation, with activations that imitate the rates of spiking neurons; ' +
    'then convert it',
  source: 'Patel et al. 2021, A spiking neural network for image segmentation',
  takesNumbers: true,
  parameters: {
    ...net,
    ...gradient,
    regulariser: { doc: regulariser.doc, form: 'text', default: 'percentile' },
  },
  presets: {
    shapes: {
      data: 'shapes',
      parameters: {
        arch: '8C3=-P2-16C3=-P2-16C3=-U2-J3-16C3=-U2-J1-8C3=-1C1=',
        epochs: 20,
        batch: 32,
        augment: 'noise:most=0.1',
      },
    },
  },
  async start(site, chosen) {
    const { behindHidden, trainNet } = await import('../runs/gradient/train-net.ts');
    const analogue = { neuron: 'relu', steps: 1, tau: 0.004, threshold: 1, reset: 'value' } as const;
    const fixed = {
      ...analogue,
      loss: 'pixels',
      surrogate: 'arctan',
      resetGradient: 'detached' as const,
      learn: undefined,
    };
    return trainNet(site, { ...chosen, ...fixed }, (net) => ({
      trainingNodes: behindHidden(net, spikeRateNode()),
    }));
  },
});
