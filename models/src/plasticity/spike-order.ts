import { SpikewireError } from '../error.ts';
import { plasticityKind } from './rule.ts';

/**
 * The order of spikes alone (Kheradpisheh, Ganjtabesh, Thorpe and Masquelier 2018, eq. 3): at a post spike Δw =
 * A₊·w(w_max − w) where the input has spiked, at the latest in the same step, and −A₋·w(w_max − w) where it has not. How
 * long before does not matter, so weights find the inputs that are early, and end at 0 or w_max.
 */
export const spikeOrder = plasticityKind({
  rule: 'spike-order',
  examples: [
    { aPlus: 0.2, aMinus: 0.15, wMax: 2 },
    { aPlus: 0.2, aMinus: 0.15, wMax: 2, within: 0.01, winners: { most: 2, every: 10 } },
  ],
  signal: undefined,
  parameters: {
    aPlus: {
      doc: 'A₊, growth where the input came first, at most 1/w_max',
      form: 'number',
      default: 0.004,
      minimum: 0,
    },
    aMinus: { doc: 'A₋, loss where it did not, at most 1/w_max', form: 'number', default: 0.003, minimum: 0 },
    wMax: { doc: 'w_max; weights outside of 0 … w_max stay', form: 'number', default: 1, above: 0 },
    within: {
      doc: 'how long before the post spike an input counts as first; absent: since the net last started',
      unit: 's',
      form: 'number',
      above: 0,
      optional: true,
    },
  },
  prepare({ aPlus, aMinus, wMax, within = Number.POSITIVE_INFINITY }, { dt, where }) {
    for (const [name, rate] of Object.entries({ aPlus, aMinus })) {
      if (rate * wMax <= 1) continue;
      const expected = `${1 / wMax} at most, with which weights stay within 0 … ${wMax}`;
      throw new SpikewireError('learning', `${where}.${name}`, `is ${rate}`, expected);
    }
    // Half a step more, so that no rounding decides about the last one.
    const oldest = within === Number.POSITIVE_INFINITY ? 0 : Math.exp(-1 - dt / (2 * within));
    return {
      order: 'pre-first',
      traces: [{ name: 'pre', side: 'pre', mode: 'set', tau: within }],
      onPost(w, i, _j, { pre }) {
        const rate = pre[0]!.at(i) > oldest ? aPlus : -aMinus;
        return rate * Math.max(0, w * (wMax - w));
      },
    };
  },
});
