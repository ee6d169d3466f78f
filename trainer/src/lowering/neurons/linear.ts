import type { LinearDynamics } from '@spikewire/models';
import { add, filled } from '../../graph/operations/elementwise.ts';
import { stored } from '../../graph/operations/stored.ts';
import type { Value } from '../../graph/operations/value.ts';
import { type Coefficient, coefficientOf, complement, plus, product, times } from './coefficient.ts';
import { LoweredFiring } from './firing.ts';
import type { Population, PopulationSite } from './population.ts';
import { learnedShare } from './time-constant.ts';

/** Populations that are linear between spikes (IF, LIF, CubaLIF, Threshold), and read-outs (LI, I, Lowpass, CubaLI). */
export function linearPopulation(site: PopulationSite, dynamics: LinearDynamics): Population {
  const { shape } = site.node;
  const membrane = leakOf(site, ['tau', 'tau_mem'], dynamics);
  const bias = product(membrane.scale, coefficientOf(dynamics.bias, shape));
  const current = dynamics.current && leakOf(site, ['tau_syn'], dynamics.current);
  const firing = dynamics.firing && new LoweredFiring(site, dynamics.firing);
  let v = startOf(dynamics.initial.v!, site);
  let j = dynamics.current && startOf(dynamics.initial.i!, site);
  const membranes: Value[] = [];
  return {
    membranes,
    ...(firing && { spiking: { threshold: firing.threshold, ...membrane } }),
    step([arriving]) {
      let drive = arriving!;
      if (current !== undefined) {
        j = decayed(j, current.decay, times(drive, current.gain));
        drive = j;
      }
      const reached = decayed(v, membrane.decay, plus(times(drive, membrane.gain), bias));
      if (firing === undefined) {
        v = reached;
        membranes.push(v);
        return v;
      }
      const fired = firing.fire(reached, v);
      v = fired.after;
      membranes.push(fired.compared);
      return fired.spikes;
    },
  };
}

/** decay·x + entering, where an x that is not there is 0. */
function decayed(x: Value | undefined, decay: Coefficient, entering: Value): Value {
  return x === undefined || decay === 0 ? entering : add(times(x, decay), entering);
}

/** A state at the start, as a row for all; undefined where it is 0. */
export function startOf(values: Float64Array, { node: { shape }, batch }: PopulationSite): Value | undefined {
  if (values.every((value) => value === 0)) return undefined;
  return add(filled([batch, ...shape], 0), stored(values, shape));
}

/**
 * Decay and gain, as the kind has them or with a learned time constant. With τ both the gain and the bias of a leaky
 * state are in proportion to the share 1 − decay that a step takes away; `scale` is the learned share over the one at
 * the start.
 */
function leakOf(
  site: PopulationSite,
  keys: readonly string[],
  { decay, gain }: Pick<LinearDynamics, 'decay' | 'gain'>,
) {
  const { shape } = site.node;
  const raw = keys.map((key) => site.learned(key)).find((value) => value !== undefined);
  if (raw === undefined) {
    return { decay: coefficientOf(decay, shape), gain: coefficientOf(gain, shape), scale: 1 };
  }
  const share = learnedShare(raw);
  const atStart = decay.map((factor) => 1 / (1 - factor));
  return {
    decay: complement(share),
    gain: product(
      share,
      coefficientOf(
        gain.map((factor, i) => factor * atStart[i]!),
        shape,
      ),
    ),
    scale: product(share, coefficientOf(atStart, shape)),
  };
}
