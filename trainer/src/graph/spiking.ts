import { elementCount, type Shape } from '@spikewire/models';
import type { OnnxModelBuilder } from '../onnx/model-builder.ts';
import type { Surrogate } from '../surrogates/surrogate.ts';
import { filled } from './elementwise.ts';
import type { Operation } from './operation.ts';
import { joinOverTime } from './time.ts';
import { apply, applyOne, expectShape, type Value } from './value.ts';

/** A population of leaky integrate-and-fire neurons over all steps of a sample, from membranes at 0. */
export interface SpikingAttributes {
  readonly steps: number;
  /** β: the membrane that is left after a step, 0…1. */
  readonly decay: number;
  /** θ: a spike where the membrane is above it. */
  readonly threshold: number;
  /** What a spike does to the membrane: v ← v − θ or v ← 0. */
  readonly reset: 'subtract' | 'value';
  /** The current is the same in every step, [batch, …] in place of [steps·batch, …]. */
  readonly held: boolean;
  /** Stands for the derivative of the spike. */
  readonly surrogate: Surrogate;
  /** Whether the gradient leaves out the way through the reset, as is usual. */
  readonly detachReset: boolean;
  /** Emits the surrogate's own function in place of spikes: all is then smooth, so that finite differences can check the gradient. */
  readonly smooth?: boolean;
}

/**
 * u_t = β·v_{t−1} + I_t, s_t = [u_t > θ], v_t = u_t − θ·s_t or u_t·(1 − s_t). Results: the spikes of each step, then u of each
 * step, all [batch, …]. Apart, because what comes next may go step by step too, and joining them would be a copy.
 */
const spiking: Operation<SpikingAttributes> = {
  name: 'spiking',
  shapes([current], { steps, held }) {
    if (!held) expectShape('spiking', 'rows modulo steps', [current![0]! % steps], [0]);
    const [rows, ...elements] = current as [number, ...number[]];
    const batch = held ? rows : rows / steps;
    return Array.from({ length: 2 * steps }, () => [batch, ...elements]);
  },
  gradient({ inputs, attributes, results }, ofResults) {
    const { steps } = attributes;
    const ofSpikes = ofResults.slice(0, steps).map((gradient, step) => gradient ?? filled(results[step]!.shape, 0));
    const membranes = results.slice(steps);
    return [applyOne(spikingGradient, [...ofSpikes, ...membranes], { ...attributes, current: inputs[0]!.shape })];
  },
  lower(onnx, [current], { attributes }) {
    const { steps, decay, threshold, reset, held } = attributes;
    const currents = held ? [] : splitSteps(onnx, current!, steps);
    const membranes: string[] = [];
    const spikes: string[] = [];
    let v: string | undefined;
    for (let step = 0; step < steps; step++) {
      const input = held ? current! : currents[step]!;
      const u = v === undefined ? input : onnx.emit('Add', [onnx.emit('Mul', [v, onnx.scalar(decay)]), input]);
      const fires = onnx.emit('Greater', [u, onnx.scalar(threshold)]);
      const s = onnx.emit('Cast', [fires], { to: 1 });
      const height = threshold === 1 ? s : onnx.emit('Mul', [s, onnx.scalar(threshold)]);
      v = reset === 'subtract' ? onnx.emit('Sub', [u, height]) : onnx.emit('Where', [fires, onnx.scalar(0), u]);
      membranes.push(u);
      spikes.push(s);
    }
    return [...spikes, ...membranes];
  },
  evaluate([current], { results, attributes: { steps, decay, threshold, reset, held, surrogate, smooth } }) {
    const size = elementCount(results[0]!.shape);
    const spikes = Array.from({ length: steps }, () => new Float64Array(size));
    const membranes = Array.from({ length: steps }, () => new Float64Array(size));
    for (let i = 0; i < size; i++) {
      let v = 0;
      for (let step = 0; step < steps; step++) {
        const u = decay * v + current![held ? i : step * size + i]!;
        const s = smooth ? surrogate.primitive(u - threshold) : Number(u > threshold);
        v = reset === 'subtract' ? u - threshold * s : u * (1 - s);
        spikes[step]![i] = s;
        membranes[step]![i] = u;
      }
    }
    return [...spikes, ...membranes];
  },
};

type GradientAttributes = SpikingAttributes & { readonly current: Shape };

/**
 * With h_t the surrogate's derivative at u_t − θ, backwards from the last step: ∂u_t = ∂s_t·h_t + β·∂u_{t+1}·∂v_t/∂u_t. The last
 * factor is 1 or 1 − s_t with a detached reset, else 1 − θ·h_t or 1 − s_t − u_t·h_t. ∂I_t = ∂u_t, summed where I is held.
 */
const spikingGradient: Operation<GradientAttributes> = {
  name: 'gradient of spiking',
  shapes: (_, { current }) => [current],
  lower(onnx, inputs, { attributes }) {
    const { steps, decay, threshold, held, surrogate } = attributes;
    const [ofSteps, membranes] = [inputs.slice(0, steps), inputs.slice(steps)];
    const ofCurrents: string[] = [];
    let later: string | undefined;
    for (let step = steps - 1; step >= 0; step--) {
      const u = membranes[step]!;
      const slope = surrogate.lower(onnx, onnx.emit('Sub', [u, onnx.scalar(threshold)]));
      const own = onnx.emit('Mul', [ofSteps[step]!, slope]);
      if (later === undefined) later = own;
      else {
        const passed = throughReset(onnx, onnx.emit('Mul', [later, onnx.scalar(decay)]), u, slope, attributes);
        later = onnx.emit('Add', [own, passed]);
      }
      ofCurrents.unshift(later);
    }
    return [held ? sumUp(onnx, ofCurrents) : joinSteps(onnx, ofCurrents)];
  },
  evaluate(inputs, { results, attributes }) {
    const { steps, decay, threshold, held, surrogate } = attributes;
    const [ofSteps, membranes] = [inputs.slice(0, steps), inputs.slice(steps)];
    const size = membranes[0]!.length;
    const ofCurrent = new Float64Array(elementCount(results[0]!.shape));
    for (let i = 0; i < size; i++) {
      let later = 0;
      for (let step = steps - 1; step >= 0; step--) {
        const u = membranes[step]![i]!;
        const slope = surrogate.derivative(u - threshold);
        later = ofSteps[step]![i]! * slope + decay * later * slopeOfReset(u, slope, attributes);
        ofCurrent[held ? i : step * size + i]! += later;
      }
    }
    return [ofCurrent];
  },
};

/** ∂v/∂u of one step. */
function slopeOfReset(
  u: number,
  slope: number,
  { threshold, reset, detachReset, surrogate, smooth }: SpikingAttributes,
): number {
  if (reset === 'subtract') return detachReset ? 1 : 1 - threshold * slope;
  const s = smooth ? surrogate.primitive(u - threshold) : Number(u > threshold);
  return detachReset ? 1 - s : 1 - s - u * slope;
}

/** A gradient of v times ∂v/∂u. */
function throughReset(
  onnx: OnnxModelBuilder,
  ofV: string,
  u: string,
  slope: string,
  { threshold, reset, detachReset }: SpikingAttributes,
): string {
  const fires = () => onnx.emit('Greater', [u, onnx.scalar(threshold)]);
  const kept = reset === 'subtract' ? ofV : onnx.emit('Where', [fires(), onnx.scalar(0), ofV]);
  if (detachReset) return kept;
  const height = reset === 'subtract' ? onnx.scalar(threshold) : u;
  return onnx.emit('Sub', [kept, onnx.emit('Mul', [ofV, onnx.emit('Mul', [slope, height])])]);
}

function splitSteps(onnx: OnnxModelBuilder, rows: string, steps: number): string[] {
  return steps === 1 ? [rows] : onnx.emitMany('Split', [rows], steps, { axis: 0, num_outputs: steps });
}

function joinSteps(onnx: OnnxModelBuilder, rows: readonly string[]): string {
  return rows.length === 1 ? rows[0]! : onnx.emit('Concat', rows, { axis: 0 });
}

function sumUp(onnx: OnnxModelBuilder, parts: readonly string[]): string {
  return parts.reduce((sum, part) => onnx.emit('Add', [sum, part]));
}

/** The spikes [steps·batch, …] of a population that gets `current`; the rows of a step stand together. */
export function spikesOf(current: Value, attributes: SpikingAttributes): Value {
  return joinOverTime(apply(spiking, [current], attributes).slice(0, attributes.steps));
}
