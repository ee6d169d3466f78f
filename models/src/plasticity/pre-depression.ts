import { plasticityKind } from './rule.ts';
import { traceParameter } from './spike-pairs.ts';
import { timesPower } from './weight-dependence.ts';

/**
 * Depression at pre spikes (Diehl and Cook 2015; Han and Lee 2021, eq. 18, with its sign): at a pre spike Δw =
 * −η_pre·x_post·w^μ. Stands beside a rule of potentiation at post spikes, in a list.
 */
export const preDepression = plasticityKind({
  rule: 'pre-depression',
  examples: [{ etaPre: 0.02 }],
  signal: undefined,
  parameters: {
    etaPre: { doc: 'learning rate η_pre', form: 'number', minimum: 0 },
    mu: { doc: 'exponent μ of the weight dependence', form: 'number', default: 1, minimum: 0 },
    tauPost: { doc: 'time constant of the post trace', unit: 's', form: 'number', default: 0.02, above: 0 },
    trace: traceParameter,
  },
  prepare({ etaPre, mu, tauPost, trace }) {
    return {
      traces: [{ name: 'post', side: 'post', mode: trace, tau: tauPost }],
      onPre: timesPower({ trace: 0, factor: () => -etaPre }, 'pre', mu),
    };
  },
});
