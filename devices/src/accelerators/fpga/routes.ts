import { type Connectivity, elementCount, type IntegerForm } from '@spikewire/models';

/**
 * All synapses from one Input or population to another through one connection with weights. Nodes without weights on
 * the way, such as a pooling, are multiplied out.
 */
export interface Route {
  /** Index of the Input or population that emits. */
  readonly source: number;
  /** Index of the population at which it arrives. */
  readonly target: number;
  /** Index of the connection that has the weights. */
  readonly connection: number;
  /** Steps between emission and arrival, of all edges on the way together. */
  readonly delay: number;
  /** By element of the source, ascending by neuron; two may lead to the same one. */
  readonly synapses: readonly Synapse[][];
}

export interface Synapse {
  readonly neuron: number;
  /** q, −127 … 127. */
  readonly weight: number;
}

/** A value on its way: the element of the node that it leaves, and what it has met. */
interface Way {
  readonly source: number;
  readonly from: number;
  readonly node: number;
  readonly element: number;
  readonly delay: number;
  readonly connection?: number;
  readonly weight?: number;
}

/** Whether what leaves a connection follows from the arrivals of the same step, so that its synapses say everything. */
export function isStateless(connectivity: Connectivity): boolean {
  return connectivity.structure !== 'selection' && !('delays' in connectivity && connectivity.delays !== undefined);
}

/**
 * Every way by which values reach a population. `integerFormOf` has proved that each passes weights exactly once.
 * Connections with a state end a way here: `refusalsOf` names them.
 */
export function routesOf({ wiring }: IntegerForm): Route[] {
  const { nodes } = wiring.graph;
  const routes = new Map<string, Route>();

  const arrive = ({ source, from, element, delay, connection, weight }: Way, target: number) => {
    const key = [source, target, connection, delay].join();
    const route = routes.get(key) ?? {
      ...{ source, target, delay, connection: connection! },
      synapses: Array.from({ length: elementCount(nodes[source]!.shape) }, () => []),
    };
    routes.set(key, route);
    route.synapses[from]!.push({ neuron: element, weight: weight! });
  };

  const follow = (way: Way) => {
    for (const { target, delay } of wiring.outgoing[way.node]!) {
      const further = { ...way, delay: way.delay + delay };
      const connectivity = wiring.connectivity[target];
      if (connectivity === undefined) {
        if (nodes[target]!.kind.role === 'neuron') arrive(further, target);
      } else if (isStateless(connectivity)) {
        const { weights } = connectivity;
        connectivity.forEachSynapse(way.element, (element, k) =>
          follow({
            ...{ ...further, node: target, element },
            ...(weights && { connection: target, weight: weights[k]! }),
          }),
        );
      }
    }
  };

  nodes.forEach(({ kind, shape }, source) => {
    if (kind.role !== 'input' && kind.role !== 'neuron') return;
    const elements = elementCount(shape);
    for (let from = 0; from < elements; from++) follow({ source, from, node: source, element: from, delay: 0 });
  });
  for (const { synapses } of routes.values()) for (const row of synapses) row.sort((a, b) => a.neuron - b.neuron);
  return [...routes.values()];
}
