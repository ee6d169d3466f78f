import {
  elementCount,
  type Firing,
  inputGain,
  isResting,
  linearDynamics,
  MANY_SPIKES,
  type NeuronQuantization,
  type ResolvedNode,
} from '@spikewire/models';
import type { NetworkCounters } from '../engine.ts';
import { multiplyQ15, Saturation, shiftRight, shiftToFraction } from '../integer-arithmetic.ts';
import type { WorkingNode } from './node.ts';

/** A population that computes in whole numbers. */
export interface IntegerPopulation extends WorkingNode {
  /**
   * A state variable in real units; undefined where there is none of this name. `saturated` counts how often a membrane, a current
   * or a number handed on was held at the [upper, lower] end of its format.
   */
  readReal(variable: string): Float64Array | undefined;
}

/** The text of the integer form, one neuron at a time. */
export function createIntegerPopulation(
  resolved: ResolvedNode,
  quantized: NeuronQuantization,
  counters: NetworkCounters,
): IntegerPopulation {
  const size = elementCount(resolved.shape);
  const dynamics = linearDynamics(resolved);
  const { firing } = dynamics;
  const { membraneBits, scale, fraction, decay, bias, initial, current, handOn } = quantized;
  const saturation = new Saturation(counters);
  const saturate = (value: number) => saturation.saturate(value, membraneBits);
  const fire = firing && createFiring(firing, quantized, saturate);

  const v = Float64Array.from(initial);
  const i = current && Float64Array.from(current.initial);
  const refractory = firing && new Float64Array(size);
  const state = { v, ...(i && { i }), ...(refractory && { refractory }), saturated: saturation.counts };

  /** What enters the membrane of neuron n: x << F, or the current that x << F has entered. */
  const arrive = (n: number, x: number): number => {
    const entering = shiftToFraction(x, fraction);
    if (current === undefined) return entering;
    i![n] = saturate(multiplyQ15(i![n]!, current.decay[n]!) + entering + current.bias[n]!);
    return multiplyQ15(i![n]!, current.gain[n]!);
  };

  const step = (n: number, x: number): number => {
    const entering = arrive(n, x);
    if (refractory !== undefined && isResting(n, refractory)) return 0;
    v[n] = saturate(multiplyQ15(v[n]!, decay[n]!) + entering + bias[n]!);
    if (fire === undefined) return saturation.saturate(shiftRight(v[n]!, handOn!), 8);
    const spikes = fire(n, v);
    if (spikes > 0) refractory![n] = firing!.refractorySteps[n]!;
    counters.spikes += spikes;
    return spikes;
  };

  return {
    state,
    bytes: Object.values(state).reduce((sum, values) => sum + values.byteLength, 0),
    visit([arriving], emitted) {
      for (let n = 0; n < size; n++) emitted[n] = step(n, arriving![n]!);
    },
    reset() {
      v.set(initial);
      i?.set(current!.initial);
      refractory?.fill(0);
    },
    readReal(variable) {
      const worth = variable === 'i' ? inputGain(dynamics).currentWorth : undefined;
      const raw = variable === 'v' ? v : variable === 'i' ? i : undefined;
      if (raw === undefined)
        return variable === 'refractory' || variable === 'saturated' ? state[variable]?.slice() : undefined;
      return raw.map((value, n) => (value * scale[n]! * 2 ** -fraction) / (worth?.[n] ?? 1));
    },
  };
}

/** Floor, compare, reset, floor; returns the spikes of neuron n. */
function createFiring(
  { spikesPerStep }: Firing,
  { threshold, reset, subtract, minimum }: NeuronQuantization,
  saturate: (value: number) => number,
): (n: number, v: Float64Array) => number {
  const hold = (n: number, v: number) => (minimum === undefined ? v : Math.max(v, minimum[n]!));
  return (n, v) => {
    v[n] = hold(n, v[n]!);
    const above = v[n]! - threshold![n]!;
    if (above <= 0) return 0;
    // `many`: as many subtractions as bring v to the threshold or below; what is more than a step can send stays.
    const spikes = spikesPerStep === 'one' ? 1 : Math.min(MANY_SPIKES, Math.ceil(above / subtract![n]!));
    v[n] = hold(n, reset === undefined ? saturate(v[n]! - spikes * subtract![n]!) : reset[n]!);
    return spikes;
  };
}
