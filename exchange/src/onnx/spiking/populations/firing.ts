import type { Adaptation, Firing, Shape } from '@spikewire/models';
import { type Formulas, isAll } from '../step/formulas.ts';

/** A population after its membranes were integrated: what is left of a step. */
export interface Fired {
  /** float32: how many spikes. */
  readonly spikes: string;
  readonly v: string;
  readonly refractory: string | undefined;
  readonly theta: string | undefined;
}

/** What a step begins with: `v` moved already, and the states of before. */
export interface Moved {
  readonly v: string;
  readonly before: string;
  readonly refractory: string | undefined;
  /** Fallen back already. */
  readonly theta?: string | undefined;
}

/** Whether any neuron rests after a spike. */
export const rests = ({ refractorySteps }: Firing): boolean => !isAll(refractorySteps, 0);

/** Floor, compare, emit, reset, rest (docs/semantics.md §1), as `fire` and `fireAdapting` of the models do it. */
export function firingOf(formulas: Formulas, firing: Firing, shape: Shape, adaptation?: Adaptation) {
  const { onnx } = formulas;
  const constant = (values: ArrayLike<number>) => formulas.perNeuron(values, shape);
  const threshold = constant(firing.threshold);
  const reset = constant(firing.resetValue);
  const fall = constant(firing.threshold.map((theta, n) => theta - firing.resetValue[n]!));
  const minimum = firing.minimum && constant(firing.minimum);
  const rest = rests(firing) ? constant(firing.refractorySteps) : undefined;
  const rise = adaptation && constant(adaptation.rise);
  const [zero, one] = [onnx.scalar(0), onnx.scalar(1)];
  const held = (v: string) => (minimum === undefined ? v : formulas.larger(v, minimum));

  /** As many falls as lead from v to the threshold or below; at least 1. */
  const countOf = (v: string) => {
    const multiples = formulas.divide(formulas.subtract(v, reset), fall);
    const whole =
      firing.comparison === 'ge'
        ? onnx.emit('Floor', [multiples])
        : formulas.subtract(onnx.emit('Ceil', [multiples]), one);
    return formulas.larger(whole, one);
  };

  return ({ v: moved, before, refractory, theta }: Moved): Fired => {
    const v = held(moved);
    const raised = theta === undefined ? threshold : formulas.add(threshold, theta);
    const past = onnx.emit(firing.comparison === 'gt' ? 'Greater' : 'GreaterOrEqual', [v, raised]);
    const isResting = refractory && formulas.isGreater(refractory, zero);
    const fires = isResting === undefined ? past : formulas.and(past, formulas.not(isResting));
    const spikes = firing.spikesPerStep === 'many' ? formulas.choose(fires, countOf(v), zero) : formulas.cast(fires, 1);
    const fallen =
      firing.reset === 'value'
        ? formulas.choose(fires, reset, v)
        : theta === undefined
          ? formulas.subtract(v, formulas.multiply(spikes, fall))
          : formulas.choose(fires, formulas.subtract(v, formulas.subtract(raised, reset)), v);
    const after = held(fallen);
    return {
      spikes,
      v: isResting === undefined ? after : formulas.choose(isResting, before, after),
      refractory:
        refractory && formulas.choose(fires, rest!, formulas.larger(formulas.subtract(refractory, one), zero)),
      theta: theta && formulas.add(theta, formulas.multiply(spikes, rise!)),
    };
  };
}
