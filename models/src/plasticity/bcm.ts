import { plasticityKind } from './rule.ts';

/**
 * Bienenstock, Cooper and Munro 1982, with the sliding threshold of Intrator and Cooper 1992: dw/dt = η·ρ_pre·φ(ρ_post,
 * θ) with φ = ρ_post(ρ_post − θ), θ = ⟨ρ_post²⟩/ρ₀ the sliding mean. Rates in Hz, low-passed with tauPre and tauPost. A
 * post neuron of steady rate is at rest where ρ_post = ρ₀.
 */
export const bcm = plasticityKind({
  rule: 'bcm',
  examples: [{ eta: 1e-6, targetRate: 40, tauThreshold: 0.05 }],
  signal: undefined,
  parameters: {
    eta: { doc: 'learning rate η, per Hz³ and second', form: 'number', default: 1e-6, minimum: 0 },
    targetRate: { doc: 'ρ₀, rate at which a steady neuron rests', unit: 'Hz', form: 'number', default: 10, above: 0 },
    tauPre: { doc: 'time constant of the pre rate', unit: 's', form: 'number', default: 0.1, minimum: 0 },
    tauPost: { doc: 'time constant of the post rate', unit: 's', form: 'number', default: 0.1, minimum: 0 },
    tauThreshold: { doc: 'time constant of the sliding threshold', unit: 's', form: 'number', default: 1, above: 0 },
  },
  prepare({ eta, targetRate, tauPre, tauPost, tauThreshold }, { dt }) {
    const rate = eta * dt;
    const squarePerThreshold = 1 / targetRate;
    return {
      traces: [
        { name: 'rate', side: 'pre', mode: 'rate', tau: tauPre },
        { name: 'rate', side: 'post', mode: 'rate', tau: tauPost },
        { name: 'threshold', side: 'post', mode: 'mean-square', tau: tauThreshold, of: 0 },
      ],
      onStep: {
        trace: 0,
        factor(j, { post }) {
          const active = post[0]!.at(j);
          return rate * active * (active - squarePerThreshold * post[1]!.at(j));
        },
      },
    };
  },
});
