import { netParameters } from '../architecture/parameters.ts';
import { filled, greater, multiply, scale, subtract } from '../graph/elementwise.ts';
import { rowSums } from '../graph/sums.ts';
import type { Surrogate } from '../graph/surrogate.ts';
import { sumOf } from '../graph/time.ts';
import type { Loss } from '../losses/loss.ts';
import type { SpikeTraining } from '../lowering/population.ts';
import { gradientParameters } from '../runs/gradient-parameters.ts';
import { method } from './method.ts';

const { neuron: _neuron, tau: _tau, ...net } = netParameters;
const { loss: _loss, surrogate: _surrogate, learn: _learn, ...gradient } = gradientParameters;

/** ∂s/∂v of hidden neurons: 1 where the neuron spikes. */
export const ownSpike: Surrogate = { slope: (x) => greater(x, filled([], 0)), soft: (x) => 0.5 + Math.max(0, x) };

/** ∂s/∂v of the answer: 1, so that a neuron that should have spiked learns of it. */
export const always: Surrogate = { slope: (x) => filled(x.shape, 1), soft: (x) => 0.5 + x };

/**
 * ½·Σ_t Σ_i (z_i − r_i)²: of trains of zeros and ones its derivative is −ξ. The class spikes in every step, no other
 * ever does.
 */
export const eachStep: Loss = {
  reads: 'spikes',
  of(answer, targets) {
    const squares = answer.parts.map((spikes) => {
      const error = subtract(spikes, targets);
      return multiply(error, error);
    });
    return { losses: scale(rowSums(sumOf(squares)), 1 / 2), answers: scale(sumOf(answer.parts), 1 / answer.steps) };
  },
};

/** Spikes as BP-STDP learns through them. */
export const bpStdpSpikes: SpikeTraining = { surrogate: ownSpike, answering: always, throughTime: false };

/**
 * Backpropagation STDP (Tavanaei and Maida 2019, eqs. 19 to 22): integrate-and-fire neurons; in each window, which is a
 * step here and holds one spike at most, with r what an output i did and z what it should have done,
 *
 * Δw_ih = μ·ξ_i·s_h with ξ_i = 1 where z_i = 1 and r_i = 0, −1 where z_i = 0 and r_i = 1, otherwise 0;
 * Δw_hj = μ·ξ_h·s_j with ξ_h = Σ_i w_ih·ξ_i where h spikes in the window, otherwise 0; and so on to the input.
 *
 * That is the gradient of the squared difference of the trains with a spike's own value for its derivative, and none
 * through membranes to earlier windows, so that it runs on the programs of gradients: dense, convolution, pooling.
 * Changes are means over a batch, as --optimiser makes steps of them; the paper takes them at once (sgd, --batch 1).
 * Limits: a hidden neuron that never spikes never learns, and inputs of an earlier window get no credit.
 */
export const bpStdp = method({
  name: 'bp-stdp',
  summary: 'errors of each step carried back through the neurons that spiked in it, integrate-and-fire',
  source: 'Tavanaei and Maida 2019, BP-STDP',
  parameters: {
    ...net,
    steps: { ...net.steps, default: 20 },
    encoder: { ...net.encoder, default: 'bernoulli' },
    ...gradient,
    optimiser: { ...gradient.optimiser, default: 'sgd' },
    learningRate: { ...gradient.learningRate, default: 0.02 },
  },
  presets: {
    iris: { data: 'iris', parameters: { arch: '4-30-3', batch: 8, epochs: 100 } },
    mnist: { data: 'mnist', parameters: { arch: '784-1000-10', epochs: 10 } },
    'mnist-deep': { data: 'mnist', parameters: { arch: '784-500-150-10', epochs: 10 } },
  },
  async start(site, chosen) {
    const { trainNet } = await import('../runs/train-net.ts');
    const fixed = {
      neuron: 'if',
      tau: netParameters.tau.default,
      loss: 'count',
      surrogate: 'arctan',
      learn: undefined,
    };
    return trainNet(site, { ...chosen, ...fixed }, { loss: eachStep, spikes: bpStdpSpikes });
  },
});
