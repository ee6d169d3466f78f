import { plasticityKind } from './rule.ts';
import { traceParameter } from './spike-pairs.ts';
import { timesRoom } from './weight-dependence.ts';

/**
 * Power-law weight dependence (Diehl and Cook 2015, eq. 3; Han and Lee 2021, eq. 16): at a post spike Δw = η(x_pre −
 * x_tar)(w_max − w)^μ. Pre neurons that were silent before a post spike are disconnected, the more so the higher the
 * target value x_tar of the trace.
 */
export const powerLaw = plasticityKind({
  rule: 'power-law',
  examples: [
    { eta: 0.05, wMax: 1.5, bounds: [-0.5, 1.5], normalize: { sum: 2, every: 20 } },
    { eta: 0.05, wMax: 1.5, mu: 0.5, trace: 'set' },
  ],
  signal: undefined,
  parameters: {
    eta: { doc: 'learning rate η', form: 'number', minimum: 0 },
    xTar: { doc: 'x_tar, value of the pre trace that leaves the weight', form: 'number', default: 0.4 },
    wMax: { doc: 'w_max, at which changes vanish; no bound', form: 'number', default: 1 },
    mu: { doc: 'exponent μ of the weight dependence', form: 'number', default: 1, minimum: 0 },
    tauPre: { doc: 'time constant of the pre trace', unit: 's', form: 'number', default: 0.02, above: 0 },
    trace: traceParameter,
  },
  prepare({ eta, xTar, wMax, mu, tauPre, trace }) {
    const plain = { trace: 0, factor: () => eta, offset: () => -eta * xTar };
    return {
      traces: [{ name: 'pre', side: 'pre', mode: trace, tau: tauPre }],
      onPost: timesRoom(plain, 'post', mu, wMax),
    };
  },
});
