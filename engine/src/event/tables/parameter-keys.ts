import { broadcast, type NeuronKind, numbersOf, type ResolvedNode } from '@spikewire/models';

/** What tells neurons of a population apart: their parameters but those of the start. */
export function parameterKeys({ node }: ResolvedNode, kind: NeuronKind, size: number): string[] {
  const varying = Object.keys(kind.parameters)
    .filter((key) => !key.endsWith('_initial'))
    .map((key) => numbersOf(node, key))
    .filter((values) => values !== undefined && values.data.length > 1)
    .map((values) => broadcast(values!, size));
  return Array.from({ length: size }, (_, i) => varying.map((values) => values[i]).join());
}
