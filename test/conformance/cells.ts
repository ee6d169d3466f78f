import { type NeuronExample, type NeuronKind, nodeKinds } from '@spikewire/models';

export const neuronKinds: readonly NeuronKind[] = nodeKinds.filter((kind) => kind.role === 'neuron');

export interface Cell extends NeuronExample {
  readonly node: { readonly type: string; readonly [parameter: string]: unknown };
}

/** The examples of every kind of neuron, by type and number. */
export const cells: Readonly<Record<string, Cell>> = Object.fromEntries(
  neuronKinds.flatMap(({ type, examples }) =>
    examples.map((example, k) => [
      k === 0 ? type : `${type} ${k + 1}`,
      { ...example, node: { type, ...example.node } },
    ]),
  ),
);
