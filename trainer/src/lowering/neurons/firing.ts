import { type Firing, SpikewireError } from '@spikewire/models';
import { add, detach, maximum, multiply, scale, subtract } from '../../graph/operations/elementwise.ts';
import { spike } from '../../graph/operations/spike.ts';
import { sumOf } from '../../graph/operations/time.ts';
import type { Value } from '../../graph/operations/value.ts';
import { asValue, type Coefficient, coefficientOf, difference, times } from './coefficient.ts';
import type { PopulationSite } from './population.ts';
import { withSlope } from './train-slope.ts';

/** Threshold, reset, rest and floor, for every form of neuron: the graph of `fire` and `fireAdapting` of models. */
export class LoweredFiring {
  readonly threshold: Coefficient;
  readonly #site: PopulationSite;
  readonly #firing: Firing;
  readonly #resetValue: Coefficient;
  readonly #floor: Coefficient | undefined;
  /** For each number of steps after a spike, 1 where a neuron still rests. */
  readonly #rests: readonly Coefficient[];
  /** Spikes of the last steps, the latest first, as far back as somebody rests. */
  readonly #recent: Value[] = [];
  readonly #slopeNow: ((spikes: Value) => Value) | undefined;

  /** Throws `unsupported` for several spikes in a step. */
  constructor(site: PopulationSite, firing: Firing) {
    const { name, shape } = site.node;
    if (firing.spikesPerStep === 'many') {
      const problem = 'emits several spikes in a step and cannot be trained';
      throw new SpikewireError('unsupported', `node "${name}"`, problem, 'semantics.spikesPerStep "one"');
    }
    this.#site = site;
    this.#slopeNow = site.spikes.ofHistory?.();
    this.#firing = firing;
    this.threshold = site.learned('v_threshold') ?? site.learned('threshold') ?? coefficientOf(firing.threshold, shape);
    this.#resetValue = coefficientOf(firing.resetValue, shape);
    this.#floor = firing.minimum && coefficientOf(firing.minimum, shape);
    const longest = firing.refractorySteps.reduce((a, b) => Math.max(a, b));
    this.#rests = Array.from({ length: longest }, (_, step) =>
      coefficientOf(
        Float64Array.from(firing.refractorySteps, (steps) => Number(step < steps)),
        shape,
      ),
    );
  }

  /**
   * Where a neuron is after a step that brought its membrane from `before` to `reached`: what it emits, the membrane
   * that was compared, and the one that is left. `raised` is the threshold of this step.
   */
  fire(reached: Value, before: Value | undefined, raised: Coefficient = this.threshold) {
    const floored = this.#raise(reached);
    const resting = this.#resting();
    const compared = resting === undefined ? floored : select(resting, before, floored);
    const { comparison } = this.#firing;
    const all = this.#learnedThrough(spike(compared, asValue(raised), { ...this.#site.spikes, comparison }), compared);
    const spikes = resting === undefined ? all : multiply(all, scale(resting, -1, 1));
    const visible = this.#site.spikes.throughReset ? spikes : detach(spikes);
    if (this.#rests.length > 0) {
      this.#recent.unshift(visible);
      this.#recent.length = Math.min(this.#recent.length, this.#rests.length);
    }
    return { spikes, compared, after: this.#raise(this.#reset(compared, visible, raised)) };
  }

  /** Spikes with the derivative that their history gives, where one is asked for. */
  #learnedThrough(spikes: Value, membrane: Value): Value {
    if (this.#slopeNow === undefined) return spikes;
    const fixed = detach(spikes);
    return withSlope(fixed, membrane, detach(this.#slopeNow(fixed)));
  }

  #reset(compared: Value, spikes: Value, raised: Coefficient): Value {
    if (this.#firing.reset === 'subtract') {
      return subtract(compared, times(spikes, difference(raised, this.#resetValue)));
    }
    const silent = multiply(compared, scale(spikes, -1, 1));
    return this.#resetValue === 0 ? silent : add(silent, times(spikes, this.#resetValue));
  }

  #raise(membrane: Value): Value {
    return this.#floor === undefined ? membrane : maximum(membrane, asValue(this.#floor));
  }

  /** 1 where a neuron rests in this step; undefined where none can. */
  #resting(): Value | undefined {
    const parts = this.#recent.map((spikes, step) => times(spikes, this.#rests[step]!));
    return parts.length === 0 ? undefined : sumOf(parts);
  }
}

/** `a` where the mask is 1 and `b` where it is 0; no `a` is 0. */
function select(mask: Value, a: Value | undefined, b: Value): Value {
  const second = multiply(b, scale(mask, -1, 1));
  return a === undefined ? second : add(multiply(a, mask), second);
}
