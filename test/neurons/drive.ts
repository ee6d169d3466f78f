import { type GraphNode, kindOf, type NeuronKind, type Semantics, scalar } from '@spikewire/models';

/** Parameters of one neuron: numbers, or a word. */
export type Values = Readonly<Record<string, number | string>>;

export interface Course {
  /** Steps with a spike. */
  readonly spikes: readonly number[];
  /** Membrane at the end of each step. */
  readonly v: Float64Array;
  /** All state variables at the end. */
  readonly state: Readonly<Record<string, Float64Array>>;
}

export const semanticsOf = (own: Partial<Semantics> & { dt: number }): Semantics => ({
  integrate: 'euler',
  threshold: 'gt',
  reset: 'value',
  spikesPerStep: 'one',
  ...own,
});

/** One neuron of the kind `type`, driven with what arrives at its ports in each step. */
export function drive(
  type: string,
  values: Values,
  semantics: Partial<Semantics> & { dt: number },
  steps: number,
  arriving: (step: number) => number | readonly number[],
): Course {
  const kind = kindOf(type, 'test') as NeuronKind;
  const node: GraphNode = {
    type,
    parameters: Object.fromEntries(
      Object.entries(values).map(([key, value]) => [key, typeof value === 'string' ? value : scalar(value)]),
    ),
  };
  const { initial, step } = kind.prepare(node, 1, { ...semanticsOf(semantics), ...kind.fixed });
  const state = Object.fromEntries(Object.entries(initial).map(([name, start]) => [name, start.slice()]));
  const inputs = (kind.ports ?? ['']).map(() => new Float64Array(1));
  const spikes: number[] = [];
  const v = new Float64Array(steps);
  for (let t = 0; t < steps; t++) {
    const given = arriving(t);
    inputs.forEach((port, p) => {
      port[0] = typeof given === 'number' ? given : given[p]!;
    });
    if (step(0, inputs, state) > 0) spikes.push(t);
    v[t] = state.v![0]!;
  }
  return { spikes, v, state };
}

/** Steps between one spike and the next. */
export function intervals(spikes: readonly number[]): number[] {
  return spikes.slice(1).map((step, k) => step - spikes[k]!);
}
