import { plasticityKind } from './rule.ts';
import { traceParameter } from './spike-pairs.ts';

/**
 * Exponential weight dependence (Diehl and Cook 2015, eq. 4; Han and Lee 2021, eq. 17): at a post spike
 * Δw = η_post(x_pre·e^(−βw) − x_tar·e^(−β(w_max − w))). At rest where w = w_max/2 + ln(x_pre/x_tar)/(2β).
 */
export const exponential = plasticityKind({
  rule: 'exponential',
  examples: [{ etaPost: 0.05, homeostasis: { rate: 60, tau: 0.05, strength: 1e-3, every: 10 } }],
  signal: undefined,
  parameters: {
    etaPost: { doc: 'learning rate η_post', form: 'number', minimum: 0 },
    xTar: { doc: 'x_tar, target value of the pre trace', form: 'number', default: 0.4 },
    wMax: { doc: 'w_max of the equation; no bound', form: 'number', default: 1 },
    beta: { doc: 'steepness β of the weight dependence', form: 'number', default: 1 },
    tauPre: { doc: 'time constant of the pre trace', unit: 's', form: 'number', default: 0.02, above: 0 },
    trace: traceParameter,
  },
  prepare({ etaPost, xTar, wMax, beta, tauPre, trace }) {
    return {
      traces: [{ name: 'pre', side: 'pre', mode: trace, tau: tauPre }],
      onPost: (w, i, _j, { pre }) =>
        etaPost * (pre[0]!.at(i) * Math.exp(-beta * w) - xTar * Math.exp(-beta * (wMax - w))),
    };
  },
});
