import type { LinearChange, PlasticityView, SynapseChange, WeightChange } from './rule.ts';

/** A change that does not look at the weight: (factor·x + offset). */
type Plain = Omit<LinearChange, 'dependence'>;

/** Multiplies a change by w^μ; a weight below 0 counts as 0. */
export function timesPower(change: Plain, side: 'pre' | 'post', mu: number): WeightChange {
  return timesPowerOf(change, side, mu, 0, 1);
}

/** Multiplies a change by (w_max − w)^μ; a weight above w_max counts as w_max unless μ is 1. */
export function timesRoom(change: Plain, side: 'pre' | 'post', mu: number, wMax: number): WeightChange {
  return timesPowerOf(change, side, mu, wMax, -1);
}

/**
 * (constant + slope·w)^μ; powers 0 and 1 keep the linear form. `side` is where the spikes are that the change answers
 * to.
 */
function timesPowerOf(change: Plain, side: 'pre' | 'post', mu: number, constant: number, slope: number): WeightChange {
  if (mu === 0) return change;
  if (mu === 1) return { ...change, dependence: { constant, slope } };
  const plain = perSynapse(change, side);
  return (w, i, j, view) => plain(w, i, j, view) * Math.max(0, constant + slope * w) ** mu;
}

/** A linear change as a function of one synapse: the meaning of the linear form. */
export function perSynapse({ trace, factor, offset, dependence }: LinearChange, side: 'pre' | 'post'): SynapseChange {
  const { constant, slope } = dependence ?? { constant: 1, slope: 0 };
  const other = (i: number, j: number, view: PlasticityView) => {
    if (trace === undefined) return 1;
    return side === 'pre' ? view.post[trace]!.at(j) : view.pre[trace]!.at(i);
  };
  return (w, i, j, view) => {
    const n = side === 'pre' ? i : j;
    return (factor(n, view) * other(i, j, view) + (offset?.(n, view) ?? 0)) * (constant + slope * w);
  };
}
