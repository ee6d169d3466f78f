import { every, scalingMechanism } from './mechanism.ts';

/**
 * Homeostasis (synaptic scaling; van Rossum, Bi and Turrigiano 2000): dw/dt = strength·(rate − ρ)·w, ρ the low-passed
 * rate of the target.
 */
export const homeostasis = scalingMechanism(
  'homeostasis',
  'brings the rate of each output to a target',
  {
    rate: { doc: 'target rate of each output', unit: 'Hz', form: 'number', minimum: 0 },
    tau: { doc: 'time constant of the measured rate', unit: 's', form: 'number', above: 0 },
    strength: { doc: 'growth of the weights per missing rate', unit: '1/(Hz·s)', form: 'number', minimum: 0 },
    every,
  },
  ({ rate, tau, strength, every: declared }, { dt, sampleSteps }) => {
    const steps = declared ?? sampleSteps;
    const growth = strength * dt * steps;
    return {
      every: steps,
      trace: { name: 'rates', side: 'post', mode: 'rate', tau },
      factor: (found) => Math.max(0, 1 + growth * (rate - found)),
    };
  },
);
