import { type NeuronExample, type NeuronKind, nodeKinds, type Semantics } from '@spikewire/models';
import type { Values } from './drive.ts';

export const neuronKinds: readonly NeuronKind[] = nodeKinds.filter((kind) => kind.role === 'neuron');

export interface BusyCell {
  readonly kind: NeuronKind;
  readonly values: Values;
  readonly semantics: Partial<Semantics> & { readonly dt: number };
  /** What to drive it with in each step. */
  readonly strength: number;
}

/** The examples of every kind that remembers, named by type and number. */
export const busyCells: readonly (readonly [name: string, cell: BusyCell])[] = neuronKinds.flatMap((kind) =>
  kind.examples.map((example, k) => [k === 0 ? kind.type : `${kind.type} ${k + 1}`, cellOf(kind, example)] as const),
);

function cellOf(kind: NeuronKind, { node, dt, weight, bias = 0 }: NeuronExample): BusyCell {
  const { semantics, ...values } = node;
  return {
    kind,
    values: values as Values,
    semantics: { dt, ...(semantics as Partial<Semantics> | undefined) },
    strength: weight / 4 + bias,
  };
}
