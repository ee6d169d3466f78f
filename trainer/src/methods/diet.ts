import { hybridParameters } from '../runs/hybrid/hybrid-parameters.ts';
import { method } from './method.ts';

const { surrogate: _surrogate, ...parameters } = hybridParameters;

/**
 * DIET-SNN (Rathi and Roy 2020): an analogue net without biases is trained and converted, thresholds at a percentile of
 * its activations; then weights, leaks and thresholds, one of each a layer, learn together through all steps.
 * A sample enters as direct current, so that few steps do; the output adds up what arrives, and the cross-entropy is
 * that of its membrane after the last step. With z = v/θ a spike has the derivative γ·max(0, 1 − |z − 1|) by z, which
 * is h/θ by the membrane and −h·v/θ² by the threshold.
 *
 * Limits: a leak is learned as the share that a step takes, on 0…1, and the gain goes with it, as in τ·dv/dt = −v +
 * R·I, where the source has v ← λ·v + I; it begins near 0 and not at it, where its gradient would vanish. The membrane
 * is divided by the steps before the cross-entropy, which so begins where the analogue net's ended. No gradient goes
 * through the reset. Mean pooling; maxima work, but are not the source's.
 */
export const diet = method({
  name: 'diet',
  summary: 'converts a non-spiking net, then trains its weights, leaks and thresholds further, for few time steps',
  source: 'Rathi and Roy 2020, DIET-SNN',
  parameters: {
    ...parameters,
    gamma: { doc: 'γ, height of the surrogate gradient', form: 'number', default: 0.3, above: 0 },
  },
  presets: {
    mnist: {
      data: 'mnist',
      parameters: {
        arch: '20C5-P2-50C5-P2-200-10',
        analogueEpochs: 6,
        epochs: 6,
        dropout: 0.1,
        augment: 'shift:most=1',
      },
    },
  },
  async start(site, { gamma, ...chosen }) {
    const { hybridRun } = await import('../runs/hybrid/hybrid.ts');
    const learn = { bias: false, tau: chosen.leak > 0, threshold: true };
    const surrogate = `triangular:height=${gamma}`;
    return hybridRun(site, { ...chosen, surrogate }, { spikes: { relative: true }, learn });
  },
});
