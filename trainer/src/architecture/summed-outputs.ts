import { type GraphNode, type Model, type Semantics, scalar } from '@spikewire/models';

/** Adds up what arrives; over so many steps its membrane comes to the mean. */
export function integrator({ dt }: Pick<Semantics, 'dt'>, steps = 1): GraphNode {
  return { type: 'I', parameters: { r: scalar(1 / (dt * steps)) } };
}

/**
 * A graph with an integrator, `<name>.sum`, before each Output, which then has the sum of what arrives.
 *
 * @param stepsOf of an Output by name: steps over which it has the mean, 1 for the sum
 */
export function withSummedOutputs(
  { nodes, edges }: Model['graph'],
  semantics: Pick<Semantics, 'dt'>,
  stepsOf: (output: string) => number = () => 1,
): Model['graph'] {
  const all = new Map(nodes);
  const sums = new Map<string, string>();
  for (const [output, { type }] of nodes) {
    if (type !== 'Output') continue;
    let name = `${output}.sum`;
    while (all.has(name)) name += '+';
    all.set(name, integrator(semantics, stepsOf(output)));
    sums.set(output, name);
  }
  return {
    nodes: all,
    edges: [
      ...edges.map((edge) => ({ ...edge, target: sums.get(edge.target) ?? edge.target })),
      ...[...sums].map(([target, source]) => ({ source, target, delay: 0 })),
    ],
  };
}
