import { linearDynamics, type ResolvedNode } from '@spikewire/models';
import { type Formulas, isAll } from '../step/formulas.ts';
import type { NodeStep, StateVariable } from '../step/node-step.ts';
import { firingOf, rests } from './firing.ts';

/** v ← decay·v + gain·x + bias, with or without a synaptic current before it, and its spikes or its state. */
export function linearPopulation(formulas: Formulas, node: ResolvedNode): NodeStep {
  const dynamics = linearDynamics(node);
  const { current, firing, adaptation, initial, floor, ceiling } = dynamics;
  const { shape } = node;
  const constant = (values: ArrayLike<number>) => formulas.perNeuron(values, shape);
  /** Products and sums that change nothing are left out. */
  const scaled = (values: Float64Array) => {
    if (isAll(values, 1)) return (value: string) => value;
    const factor = constant(values);
    return (value: string) => formulas.multiply(value, factor);
  };
  const [decay, gain] = [scaled(dynamics.decay), scaled(dynamics.gain)];
  const bias = isAll(dynamics.bias, 0) ? undefined : constant(dynamics.bias);
  const synapse = current && { decay: scaled(current.decay), gain: scaled(current.gain) };
  const fallsBack = adaptation && scaled(adaptation.decay);
  const fire = firing && firingOf(formulas, firing, shape, adaptation);
  const [lowest, highest] = [floor && constant(floor), ceiling && constant(ceiling)];
  const remembers = !isAll(dynamics.decay, 0);
  const names = [
    ...(remembers ? ['v'] : []),
    ...(current === undefined ? [] : ['i']),
    ...(firing !== undefined && rests(firing) ? ['refractory'] : []),
    ...(adaptation === undefined ? [] : ['theta']),
  ];
  const states = names.map((variable): StateVariable => {
    return { variable, shape, type: 'float32', initial: initial[variable] ?? 0 };
  });
  return {
    states,
    write([arriving], given) {
      const before = new Map(names.map((name, k) => [name, given[k]!]));
      const i = synapse && formulas.add(synapse.decay(before.get('i')!), synapse.gain(arriving!));
      const entering = gain(i ?? arriving!);
      const kept = remembers ? formulas.add(decay(before.get('v')!), entering) : entering;
      const v = bias === undefined ? kept : formulas.add(kept, bias);
      const after = new Map([['i', i]]);
      if (fire === undefined) {
        const above = lowest === undefined ? v : formulas.larger(v, lowest);
        const emitted = highest === undefined ? above : formulas.smaller(above, highest);
        return { emitted, next: names.map((name) => (name === 'v' ? v : after.get(name)!)) };
      }
      const theta = fallsBack?.(before.get('theta')!);
      const fired = fire({ v, before: before.get('v') ?? v, refractory: before.get('refractory'), theta });
      const next: Readonly<Record<string, string | undefined>> = { ...fired, i };
      return { emitted: fired.spikes, next: names.map((name) => next[name]!) };
    },
  };
}
