import { hybridParameters } from '../runs/hybrid/hybrid-parameters.ts';
import type { Reached } from '../runs/hybrid/stages.ts';
import { inPlaceOfRectifiers } from '../training-nodes/before-rectifiers.ts';
import { softLifNode } from '../training-nodes/soft-lif.ts';
import { method } from './method.ts';

const {
  arch,
  steps,
  analogueEpochs,
  analogueRate,
  batch,
  schedule,
  optimiser,
  clip,
  regulariser,
  dropout,
  augment,
  patience,
} = hybridParameters;

/**
 * Spiking nets of leaky neurons (Hunsberger and Eliasmith 2015): an analogue net learns with the rates that leaky
 * neurons have, r = [τ_ref + τ_RC·ln(1 + V_th/ρ(j − V_th))]⁻¹, ρ(x) = γ·ln(1 + e^(x/γ)), whose slope is finite at the
 * threshold, and with noise on them as spikes make it. Then leaky neurons take the place of the rates, each behind a
 * synapse of first order. All neurons have a current of V_th besides what arrives, so that they begin to spike at 0.
 *
 * Limits: rates are those of a constant current; rest and spikes come in whole steps, so that rates near 1/τ_ref are
 * too low, and hundreds of milliseconds are needed for an average. The source has alpha synapses and noise of a
 * Gaussian as here. Chains of layers; the last one adds up.
 */
export const softlif = method({
  name: 'softlif',
  summary: 'trains a non-spiking net with the noisy rates of leaky neurons, then replaces them by spiking neurons',
  source: 'Hunsberger and Eliasmith 2015, Spiking deep networks with LIF neurons',
  parameters: {
    arch,
    steps: { ...steps, default: 100 },
    tauRef: { doc: 'refractory time after a spike in seconds', form: 'number', default: 0.002, minimum: 0.001 },
    tauRc: { doc: 'time constant of membranes in seconds', form: 'number', default: 0.02, above: 0.001 },
    synapse: { doc: 'time constant of synapses in seconds', form: 'number', default: 0.005, above: 0.001 },
    gamma: { doc: 'γ, rounding of the rate at the threshold', form: 'number', default: 0.03, above: 0 },
    noise: {
      doc: 'standard deviation of the noise on rates during training, in Hz',
      form: 'number',
      default: 10,
      minimum: 0,
    },
    ...{ analogueEpochs, analogueRate, batch, schedule, optimiser, clip, regulariser, dropout, augment, patience },
  },
  presets: {
    mnist: { data: 'mnist', parameters: { arch: '12C5-P2-32C5-P2-10', analogueEpochs: 6 } },
  },
  async start(site, { tauRef, tauRc, synapse, gamma, noise, steps, ...chosen }) {
    const [hybrid, { StagedRun }, { trainNet }, { FittedRun }, leaky] = await Promise.all([
      import('../runs/hybrid/hybrid.ts'),
      import('../runs/hybrid/stages.ts'),
      import('../runs/gradient/train-net.ts'),
      import('../runs/fitted.ts'),
      import('../conversion/leaky-rates.ts'),
    ]);
    const fixed = { encoder: 'direct', bits: undefined, prune: 0, epochs: undefined, learningRate: 1, steps };
    const choices = { ...chosen, ...fixed };
    if (site.model === undefined) hybrid.refuseUnconvertible(site, choices);
    const node = softLifNode({ tauRef, tauRc, gamma, noise });
    const rates = () =>
      trainNet(site, hybrid.analogueChoices(choices), (net) => ({ trainingNodes: inPlaceOfRectifiers(net, node) }));
    const spikes = async ([learned]: readonly Reached[]) => {
      const fit = () => leaky.leakyModel(learned!.model, { tauRef, tauRc, synapse }, steps);
      return new FittedRun({ ...site, fit });
    };
    return StagedRun.open([rates, spikes]);
  },
});
