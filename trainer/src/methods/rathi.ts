import { maximum, scale } from '../graph/operations/elementwise.ts';
import type { Value } from '../graph/operations/value.ts';
import type { HistorySlope } from '../lowering/neurons/population.ts';
import { hybridParameters } from '../runs/hybrid/hybrid-parameters.ts';
import { method } from './method.ts';

const { surrogate: _surrogate, ...parameters } = hybridParameters;

/** α·e^(−βΔt), Δt the steps since a neuron's last spike, 0 in the step of a spike; 0 before its first one. */
export function sinceSpike(alpha: number, beta: number): HistorySlope {
  return () => {
    let left: Value | undefined;
    return (spikes) => {
      left = left === undefined ? spikes : maximum(spikes, scale(left, Math.exp(-beta)));
      return scale(left, alpha);
    };
  };
}

/**
 * Hybrid conversion and spike-timing-dependent backpropagation (Rathi, Srinivasan, Panda and Roy 2020): an analogue net
 * without biases is trained and converted, weights normalised by its activations (Diehl et al. 2015), and then learns
 * on as a net of leaky neurons, through all steps; what stands for the derivative of a spike is α·e^(−βΔt), Δt the time
 * since the neuron's last spike. Input is a rate code, the output adds up what arrives and has the cross-entropy of its
 * membrane after the last step.
 *
 * Limits: a neuron that never spikes for a sample learns nothing from it, which is why a converted start is needed.
 * Between spikes each membrane counts, however far from the threshold. The membrane is divided by the steps before the
 * cross-entropy. No gradient goes through the reset.
 */
export const rathi = method({
  name: 'rathi',
  summary:
    'converts a non-spiking net, then trains it further, with gradients from the time since the last spike of each ' +
    'neuron',
  source: 'Rathi et al. 2020, Hybrid conversion and spike timing dependent backpropagation',
  parameters: {
    ...parameters,
    steps: { ...parameters.steps, default: 20 },
    encoder: { ...parameters.encoder, default: 'bernoulli' },
    alpha: {
      doc: 'α, height of the surrogate gradient in the step of a spike',
      form: 'number',
      default: 0.3,
      above: 0,
    },
    beta: { doc: 'β, decrease of the gradient in each later step', form: 'number', default: 0.01, above: 0 },
  },
  presets: {
    mnist: {
      data: 'mnist',
      parameters: { arch: '20C5-P2-50C5-P2-200-10', analogueEpochs: 6, epochs: 4 },
    },
  },
  async start(site, { alpha, beta, ...chosen }) {
    const { hybridRun } = await import('../runs/hybrid/hybrid.ts');
    const own = { spikes: { ofHistory: sinceSpike(alpha, beta) }, learn: { bias: false } };
    return hybridRun(site, { ...chosen, surrogate: 'arctan' }, own);
  },
});
