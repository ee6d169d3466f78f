import { netParameters } from '../architecture/parameters.ts';
import { add, detach, filled, greater, multiply, scale, subtract } from '../graph/operations/elementwise.ts';
import { rowSums } from '../graph/operations/sums.ts';
import { sumOf } from '../graph/operations/time.ts';
import type { Value } from '../graph/operations/value.ts';
import type { Loss } from '../losses/loss.ts';
import type { SpikeTraining } from '../lowering/neurons/population.ts';
import { gradientParameters } from '../runs/gradient/gradient-parameters.ts';
import { method } from './method.ts';

const { neuron: _neuron, tau: _tau, ...net } = netParameters;
const {
  loss: _loss,
  surrogate: _surrogate,
  resetGradient: _resetGradient,
  learn: _learn,
  ...gradient
} = gradientParameters;

/** Consecutive windows of the steps of a sample; the last may be shorter. */
function windowsOf<Part>(parts: readonly Part[], steps: number): (readonly Part[])[] {
  return Array.from({ length: Math.ceil(parts.length / steps) }, (_, w) => parts.slice(w * steps, (w + 1) * steps));
}

/** 1 where there is a spike among those of a window. */
const any = (spikes: readonly Value[]) => greater(sumOf(spikes), filled([], 0));

/** `value`, whose gradient is that of `of`. */
const withGradientOf = (value: Value, of: Value) => add(detach(subtract(value, of)), of);

/**
 * ½·Σ_w Σ_i (z_i − r_i)² over windows w, r whether there is a spike. Of zeros and ones its derivative is −ξ, for every
 * spike of the window. The class should spike in every window, no other ever.
 */
export function eachWindow(steps: number): Loss {
  return {
    reads: 'spikes',
    of({ parts, steps: all }, targets) {
      const squares = windowsOf(parts, steps).map((spikes) => {
        const error = subtract(withGradientOf(any(spikes), sumOf(spikes)), targets);
        return multiply(error, error);
      });
      return { losses: scale(rowSums(sumOf(squares)), 1 / 2), answers: scale(sumOf(parts), 1 / all) };
    },
  };
}

/**
 * The mean error of a neuron's spikes in a window is that of everything which arrived in it, of hidden neurons where
 * they spiked: ξ_h times the sum of s_j.
 */
export function creditInWindows(steps: number): NonNullable<SpikeTraining['credit']> {
  return (spikes, arriving, answers) => {
    const windows = windowsOf(arriving, steps);
    return windowsOf(spikes, steps).flatMap((own, w) => {
      const mean = scale(sumOf(windows[w]!), 1 / own.length);
      const credited = answers ? mean : multiply(mean, detach(any(own)));
      return own.map((spike) => withGradientOf(spike, credited));
    });
  };
}

/**
 * Backpropagation STDP (Tavanaei and Maida 2019, eqs. 19 to 22): integrate-and-fire neurons; in each window of ε steps,
 * with r whether an output i spiked and z whether it should have,
 *
 * Δw_ih = μ·ξ_i·Σ s_h with ξ_i = 1 where z_i = 1 and r_i = 0, −1 where z_i = 0 and r_i = 1, otherwise 0;
 * Δw_hj = μ·ξ_h·Σ s_j with ξ_h = Σ_i w_ih·ξ_i where h spikes in the window, otherwise 0; and so on to the input.
 *
 * That is a gradient with errors of its own, none of which reaches another window, so that it runs on the programs of
 * gradients: dense, convolution, pooling. Changes are means over a batch, as --optimiser makes steps of them, where the
 * paper takes each at once (sgd:momentum=0, --batch 1); windows follow each other, where the paper's slides.
 * Limits: a hidden neuron that never spikes never learns; no cycles.
 */
export const bpStdp = method({
  name: 'bp-stdp',
  summary: 'backpropagates the errors of each step through the neurons that spiked in it; integrate-and-fire neurons',
  source: 'Tavanaei and Maida 2019, BP-STDP',
  parameters: {
    ...net,
    steps: { ...net.steps, default: 16 },
    window: { doc: 'ε, steps in which the class should spike once', form: 'integer', default: 4, minimum: 1 },
    encoder: { ...net.encoder, default: 'bernoulli' },
    ...gradient,
    optimiser: { ...gradient.optimiser, default: 'sgd' },
    learningRate: { ...gradient.learningRate, default: 0.005 },
  },
  presets: {
    iris: {
      data: 'iris',
      parameters: { arch: '48-30-3', encoder: 'population:fields=12', batch: 8, epochs: 100, patience: 100 },
    },
    mnist: {
      data: 'mnist',
      parameters: { arch: '784-1000-10', steps: 10, window: 1, learningRate: 0.02, epochs: 4 },
    },
    'mnist-deep': { data: 'mnist', parameters: { arch: '784-500-150-10', learningRate: 0.02, epochs: 5 } },
  },
  async start(site, chosen) {
    const { trainNet } = await import('../runs/gradient/train-net.ts');
    const own = { loss: eachWindow(chosen.window), spikes: { credit: creditInWindows(chosen.window) } };
    const fixed = {
      neuron: 'if',
      tau: netParameters.tau.default,
      loss: 'count',
      surrogate: 'arctan',
      resetGradient: 'detached' as const,
      learn: undefined,
    };
    return trainNet(site, { ...chosen, ...fixed }, own);
  },
});
