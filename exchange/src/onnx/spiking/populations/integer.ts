import {
  linearDynamics,
  MANY_SPIKES,
  type NeuronQuantization,
  neuronConstants,
  type Quantization,
  type ResolvedNode,
} from '@spikewire/models';
import { FLOAT, INT32, INT64 } from '../../tensor.ts';
import { type Formulas, isAll } from '../step/formulas.ts';
import type { NodeStep, StateVariable } from '../step/node-step.ts';
import { rests } from './firing.ts';

/** The one step of the integer form (docs/semantics.md §2) in int64, between states of int32: bit for bit. */
export function integerPopulation(formulas: Formulas, node: ResolvedNode, quantization: Quantization): NodeStep {
  const constants = neuronConstants(quantization, node);
  const { firing } = linearDynamics(node);
  const { shape } = node;
  const { membraneBits, fraction, current, adaptation, minimum, maximum, handOn } = constants;
  const whole = wholeNumbers(formulas);
  const constant = (values: Int32Array) => formulas.wholePerNeuron(values, shape);
  const scaled = (values: Int32Array) => {
    const factor = constant(values);
    return (value: string) => whole.shifted(formulas.multiply(value, factor), 15);
  };
  const saturated = (value: string, bits: number = membraneBits) => whole.saturated(value, bits);
  const remembers = !isAll(constants.decay, 0);
  const decay = scaled(constants.decay);
  const bias = constant(constants.bias);
  const synapse = current && { decay: scaled(current.decay), gain: scaled(current.gain), bias: constant(current.bias) };
  const fallsBack = adaptation && scaled(adaptation.decay);
  const [lowest, highest] = [minimum && constant(minimum), maximum && constant(maximum)];
  const rest = firing !== undefined && rests(firing) ? constant(firing.refractorySteps) : undefined;
  const initial: Readonly<Record<string, Int32Array | undefined>> = {
    v: constants.initial,
    i: current?.initial,
    theta: adaptation?.initial,
  };
  const names = [
    ...(remembers ? ['v'] : []),
    ...(current === undefined ? [] : ['i']),
    ...(rest === undefined ? [] : ['refractory']),
    ...(adaptation === undefined ? [] : ['theta']),
  ];
  const fire = firing && integerFiring(formulas, constants, node, firing.spikesPerStep);
  return {
    states: names.map((variable): StateVariable => {
      return { variable, shape, type: 'int32', initial: initial[variable] ?? 0 };
    }),
    wholeSums: true,
    write([arriving], given) {
      const before = new Map(names.map((name, k) => [name, formulas.cast(given[k]!, INT64)]));
      let entering =
        fraction >= 0
          ? formulas.multiply(arriving!, formulas.onnx.integer(2 ** fraction))
          : whole.shifted(arriving!, -fraction);
      let i: string | undefined;
      if (synapse !== undefined) {
        const moved = formulas.add(synapse.decay(before.get('i')!), entering);
        i = saturated(formulas.add(moved, synapse.bias));
        entering = synapse.gain(i);
      }
      const theta = fallsBack?.(before.get('theta')!);
      const kept = remembers ? formulas.add(decay(before.get('v')!), entering) : entering;
      const v = saturated(formulas.add(kept, bias));
      const held = lowest === undefined ? v : formulas.larger(v, lowest);
      const narrow = (next: Readonly<Record<string, string | undefined>>) =>
        names.map((name) => formulas.cast(next[name]!, INT32));
      if (fire === undefined) {
        const within = highest === undefined ? held : formulas.smaller(held, highest);
        const handedOn = saturated(whole.shifted(within, handOn!), 8);
        return { emitted: formulas.cast(handedOn, FLOAT), next: narrow({ v, i }) };
      }
      const { onnx } = formulas;
      const refractory = before.get('refractory');
      const [zero, one] = [onnx.integer(0), onnx.integer(1)];
      const isResting = refractory && formulas.isGreater(refractory, zero);
      const fired = fire(held, theta, isResting);
      const waits =
        refractory && formulas.choose(fired.fires, rest!, formulas.larger(formulas.subtract(refractory, one), zero));
      const after =
        isResting === undefined || !remembers ? fired.v : formulas.choose(isResting, before.get('v')!, fired.v);
      const next = { v: after, i, theta: fired.theta, refractory: waits };
      return { emitted: formulas.cast(fired.spikes, FLOAT), next: narrow(next) };
    },
  };
}

/** Compare, reset, floor, raise the threshold where it adapts. */
function integerFiring(
  formulas: Formulas,
  { membraneBits, threshold, reset, subtract, minimum, adaptation }: NeuronQuantization,
  { shape }: ResolvedNode,
  spikesPerStep: 'one' | 'many',
) {
  const { onnx } = formulas;
  const whole = wholeNumbers(formulas);
  const constant = (values: Int32Array) => formulas.wholePerNeuron(values, shape);
  const [limit, lowest] = [constant(threshold!), minimum && constant(minimum)];
  const [to, fall] = [reset && constant(reset), subtract && constant(subtract)];
  const rise = adaptation && constant(adaptation.rise);
  const [zero, one, most] = [onnx.integer(0), onnx.integer(1), onnx.integer(MANY_SPIKES)];
  return (v: string, theta: string | undefined, isResting: string | undefined) => {
    const raised = theta && whole.floored(theta, adaptation!.fraction);
    const missing = formulas.subtract(v, limit);
    const above = raised === undefined ? missing : formulas.subtract(missing, raised);
    const past = formulas.isGreater(above, zero);
    const fires = isResting === undefined ? past : formulas.and(past, formulas.not(isResting));
    // Above 0 a division that rounds toward 0 is one that rounds down.
    const falls = () => formulas.divide(formulas.subtract(formulas.add(above, fall!), one), fall!);
    const count = spikesPerStep === 'one' ? one : formulas.smaller(falls(), most);
    const spikes = formulas.choose(fires, count, zero);
    const lower = () => {
      const fallen = formulas.subtract(v, formulas.multiply(spikes, fall!));
      return whole.saturated(raised === undefined ? fallen : formulas.subtract(fallen, raised), membraneBits);
    };
    const left = to ?? lower();
    const after = formulas.choose(fires, lowest === undefined ? left : formulas.larger(left, lowest), v);
    const higher = theta && whole.saturated(formulas.add(theta, rise!), 32);
    return { fires, spikes, v: after, theta: theta && formulas.choose(fires, higher!, theta) };
  };
}

/** The primitives of the integer form, in int64. */
function wholeNumbers(formulas: Formulas) {
  const { onnx } = formulas;
  /** value >> bits. ONNX divides toward 0; what Mod leaves has the sign of the divisor. */
  const floored = (value: string, bits: number): string => {
    if (bits === 0) return value;
    const divisor = onnx.integer(2 ** bits);
    return formulas.divide(formulas.subtract(value, onnx.emit('Mod', [value, divisor])), divisor);
  };
  return {
    floored,
    /** (value + 2^(bits − 1)) >> bits. */
    shifted: (value: string, bits: number) => floored(formulas.add(value, onnx.integer(2 ** (bits - 1))), bits),
    /** sat_bits(value). */
    saturated: (value: string, bits: number) => {
      const end = 2 ** (bits - 1);
      return formulas.smaller(formulas.larger(value, onnx.integer(-end)), onnx.integer(end - 1));
    },
  };
}
