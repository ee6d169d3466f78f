import type { AdaptiveDynamics } from '@spikewire/models';
import { add } from '../../graph/operations/elementwise.ts';
import type { Value } from '../../graph/operations/value.ts';
import { type Coefficient, coefficientOf, complement, difference, plus, product, times } from './coefficient.ts';
import { LoweredFiring } from './firing.ts';
import { startOf } from './linear.ts';
import type { Population, PopulationSite } from './population.ts';
import { learnedShare } from './time-constant.ts';

/** Populations under an adaptive threshold (ALIF), driven by a current or by conductances. */
export function adaptivePopulation(site: PopulationSite, dynamics: AdaptiveDynamics): Population {
  const { shape } = site.node;
  const raw = site.learned('tau');
  const share: Coefficient = raw === undefined ? coefficientOf(dynamics.share, shape) : learnedShare(raw);
  const leak = coefficientOf(dynamics.leak, shape);
  const firing = new LoweredFiring(site, dynamics.firing);
  const adaptation = {
    decay: coefficientOf(dynamics.adaptation.decay, shape),
    rise: coefficientOf(dynamics.adaptation.rise, shape),
  };
  const pull = pullOf(site, dynamics);
  let v = startOf(dynamics.initial.v!, site);
  let theta = startOf(dynamics.adaptation.initial, site);
  const membranes: Value[] = [];
  return {
    membranes,
    step(arriving) {
      const pulled = times(plus(pull(arriving, v), leak), share);
      const reached = v === undefined ? pulled : add(times(v, complement(share)), pulled);
      theta &&= times(theta, adaptation.decay);
      const raised = theta === undefined ? firing.threshold : plus(theta, firing.threshold);
      const fired = firing.fire(reached, v, raised);
      v = fired.after;
      membranes.push(fired.compared);
      const rise = times(fired.spikes, adaptation.rise);
      theta = theta === undefined ? rise : add(theta, rise);
      return fired.spikes;
    },
  };
}

/**
 * What pulls at the membrane for what arrives: a current R·x, or Σ g·(reversal − v) of conductances, which then decay.
 */
function pullOf(site: PopulationSite, { drive, initial }: AdaptiveDynamics) {
  const { shape } = site.node;
  if ('resistance' in drive) {
    const resistance = coefficientOf(drive.resistance, shape);
    return ([current]: readonly Value[]) => times(current!, resistance);
  }
  const conductances = drive.conductances.map(({ name, decay, reversal }) => ({
    decay: coefficientOf(decay, shape),
    reversal: coefficientOf(reversal, shape),
    g: startOf(initial[name]!, site),
  }));
  return (arriving: readonly Value[], v: Value | undefined) =>
    conductances
      .map((conductance, port) => {
        const { g: before, decay, reversal } = conductance;
        const g = before === undefined ? arriving[port]! : add(before, arriving[port]!);
        conductance.g = times(g, decay);
        return v === undefined ? times(g, reversal) : multiplyBy(g, difference(reversal, v));
      })
      .reduce(add);
}

function multiplyBy(g: Value, factor: Coefficient): Value {
  return product(g, factor) as Value;
}
