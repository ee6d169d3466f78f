import {
  elementCount,
  type Firing,
  inputGain,
  isResting,
  linearDynamics,
  MANY_SPIKES,
  type NeuronQuantization,
  type ResolvedNode,
  valueFor,
} from '@spikewire/models';
import type { NetworkCounters } from '../engine.ts';
import { multiplyQ15, Saturation, shiftRight, shiftToFraction } from '../integer-arithmetic.ts';
import { keptVariables } from '../kept-variables.ts';
import type { WorkingNode } from './node.ts';

/** A population that computes in whole numbers. */
export interface IntegerPopulation extends WorkingNode {
  /**
   * A state variable in real units; undefined where there is none of this name. `saturated` counts how often a
   * membrane, a current or a number handed on was held at the [upper, lower] end of its format.
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
  const { firing, currentUnit } = dynamicsOf(resolved);
  const { membraneBits, scale, fraction, decay, bias, initial, current, adaptation, handOn } = quantized;
  const { minimum, maximum } = quantized;
  const saturation = new Saturation(counters);
  const saturate = (value: number, bits: number = membraneBits) => saturation.saturate(value, bits);
  const v = Float64Array.from(initial);
  const i = current && Float64Array.from(current.initial);
  const theta = adaptation && Float64Array.from(adaptation.initial);
  const fire = firing && createFiring(firing, quantized, theta, saturate);
  const refractory = firing && new Float64Array(size);
  const state = {
    v,
    ...(i && { i }),
    ...(theta && { theta }),
    ...(refractory && { refractory }),
    saturated: saturation.counts,
  };

  /** What enters the membrane of neuron n: x << F, or the current that x << F has entered. */
  const arrive = (n: number, x: number): number => {
    const entering = shiftToFraction(x, fraction);
    if (current === undefined) return entering;
    i![n] = saturate(multiplyQ15(i![n]!, current.decay[n]!) + entering + current.bias[n]!);
    return multiplyQ15(i![n]!, current.gain[n]!);
  };

  /** What a read-out hands on of its membrane, where it has ends. */
  const within = (n: number, value: number): number =>
    Math.min(Math.max(value, minimum?.[n] ?? -Infinity), maximum?.[n] ?? Infinity);

  const step = (n: number, x: number): number => {
    const entering = arrive(n, x);
    if (theta !== undefined) theta[n] = multiplyQ15(theta[n]!, adaptation!.decay[n]!);
    if (refractory !== undefined && isResting(n, refractory)) return 0;
    v[n] = saturate(multiplyQ15(v[n]!, decay[n]!) + entering + bias[n]!);
    if (fire === undefined) return saturation.saturate(shiftRight(within(n, v[n]!), handOn!), 8);
    const spikes = fire(n, v);
    if (spikes > 0) refractory![n] = firing!.refractorySteps[n]!;
    counters.spikes += spikes;
    return spikes;
  };

  return {
    state,
    kept: keptVariables(state),
    retained: [quantized, state, ...(firing ? [firing] : []), ...(currentUnit ? [currentUnit] : [])],
    visit([arriving], emitted) {
      for (let n = 0; n < size; n++) emitted[n] = step(n, arriving![n]!);
    },
    reset() {
      v.set(initial);
      i?.set(current!.initial);
      theta?.set(adaptation!.initial);
      refractory?.fill(0);
    },
    readReal(variable) {
      const unit = variable === 'i' ? currentUnit : undefined;
      const raw = variable === 'v' ? v : variable === 'i' ? i : variable === 'theta' ? theta : undefined;
      if (raw === undefined)
        return variable === 'refractory' || variable === 'saturated' ? state[variable]?.slice() : undefined;
      const bits = fraction + (variable === 'theta' ? adaptation!.fraction : 0);
      return raw.map((value, n) => (value * valueFor(scale, n, size) * 2 ** -bits) / (unit?.[n] ?? 1));
    },
  };
}

/** Of a population's real form what its integers do not say: how it fires, and what its current is worth. */
function dynamicsOf(resolved: ResolvedNode): { readonly firing?: Firing; readonly currentUnit?: Float64Array } {
  const dynamics = linearDynamics(resolved);
  const { firing, current } = dynamics;
  return { ...(firing && { firing }), ...(current && { currentUnit: inputGain(dynamics).currentWorth }) };
}

/** Floor, compare, reset, floor, raise the threshold where it adapts; returns the spikes of neuron n. */
function createFiring(
  { spikesPerStep }: Firing,
  { threshold, reset, subtract, minimum, adaptation }: NeuronQuantization,
  theta: Float64Array | undefined,
  saturate: (value: number, bits?: number) => number,
): (n: number, v: Float64Array) => number {
  const hold = (n: number, v: number) => (minimum === undefined ? v : Math.max(v, minimum[n]!));
  return (n, v) => {
    v[n] = hold(n, v[n]!);
    const raised = theta === undefined ? 0 : Math.floor(theta[n]! / 2 ** adaptation!.fraction);
    const above = v[n]! - threshold![n]! - raised;
    if (above <= 0) return 0;
    // `many`: as many subtractions as bring v to the threshold or below; what is more than a step can send stays.
    const spikes = spikesPerStep === 'one' ? 1 : Math.min(MANY_SPIKES, Math.ceil(above / subtract![n]!));
    v[n] = hold(n, reset === undefined ? saturate(v[n]! - spikes * subtract![n]! - raised) : reset[n]!);
    if (theta !== undefined) theta[n] = saturate(theta[n]! + adaptation!.rise[n]!, 32);
    return spikes;
  };
}
