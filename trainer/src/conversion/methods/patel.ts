import { scalesAt } from '../analogue/activations.ts';
import { conversionMethod, percentile } from '../method.ts';

/**
 * Neurons whose membrane begins anew with each spike, for nets that were trained with the rate of such neurons in place
 * of the rectifier (`train --method patel`): their activations are rates, λ = 1. Where those of another net go above a
 * spike a step, λ is a percentile of them. They begin with half a threshold in the membrane, so that in T steps they
 * spike on the mean as often as the rate says, and not half a time less; the source does not have this, which is the
 * shift of Deng and Gu 2021.
 *
 * Limits: the rate is that under a constant current; what arrives from spikes varies, and with hard reset the rest that
 * a spike leaves over is lost.
 *
 * Source: Patel, Hunsberger, Batir and Eliasmith 2021, A spiking neural network for image segmentation,
 * arXiv:2106.08921.
 */
export const patel = conversionMethod({
  name: 'patel',
  summary: 'hard reset, half a threshold in the membrane at the start; for nets of "train --method patel"',
  source: 'Patel et al. 2021',
  note: ({ method }) =>
    method === 'patel'
      ? 'the analogue net is judged with plain rectifiers, not with the rates that it learned with'
      : 'the net did not learn with rates, as those of train --method patel do',
  parameters: { percentile },
  balance: async ({ activations }, chosen) => {
    const scales = [...scalesAt(activations, chosen.percentile)];
    return { scales: new Map(scales.map(([name, scale]) => [name, Math.max(1, scale)])), reset: 'value', start: 0.5 };
  },
});
