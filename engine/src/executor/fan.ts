import { elementCount, type ResolvedEdge, type Wiring } from '@spikewire/models';

/** How many synapses lead to the neurons of a net and leave them, and how long they take. By index of a node. */
export interface Fan {
  /** Synapses that lead to the element of the node that has most. */
  into(node: number): number;
  /** Synapses that leave the element of the node that has most. What leaves the net passes none. */
  outOf(node: number): number;
  /** The longest way from another Input or population to the node, in steps. */
  delayInto(node: number): number;
}

/** Connections are followed to the neurons at their ends; a cycle of connections alone has endlessly many ways. */
export function fanOf({ graph: { nodes }, incoming, outgoing, connectivity }: Wiring): Fan {
  const sizes = nodes.map(({ shape }) => elementCount(shape));
  const inputSizes = nodes.map(({ inputShape }) => elementCount(inputShape));

  /** Ways to each element that arrives at a node. */
  const arriving = remembered((node, endless) => {
    const ways = (edge: ResolvedEdge) =>
      connectivity[edge.source] === undefined ? ones(sizes[edge.source]!) : passed(edge.source);
    return endless ? endlessly(inputSizes[node]!) : sumOf(inputSizes[node]!, incoming[node]!.map(ways));
  });
  const passed = (connection: number): Float64Array => {
    const ways = arriving(connection);
    const sum = new Float64Array(sizes[connection]!);
    ways.forEach((count, input) => {
      connectivity[connection]!.forEachSynapse(input, (output) => {
        sum[output]! += count;
      });
    });
    return sum;
  };

  /** Ways from each element that leaves a node. */
  const leaving = remembered((node, endless) => {
    const ways = ({ target }: ResolvedEdge) => {
      if (connectivity[target] !== undefined) return reached(target);
      return nodes[target]!.kind.role === 'neuron' ? ones(sizes[node]!) : new Float64Array(sizes[node]!);
    };
    return endless ? endlessly(sizes[node]!) : sumOf(sizes[node]!, outgoing[node]!.map(ways));
  });
  const reached = (connection: number): Float64Array => {
    const ways = leaving(connection);
    return Float64Array.from({ length: inputSizes[connection]! }, (_, input) => {
      let sum = 0;
      connectivity[connection]!.forEachSynapse(input, (output) => {
        sum += ways[output]!;
      });
      return sum;
    });
  };

  const latest = remembered((node, endless) => {
    const { kind, node: own } = nodes[node]!;
    const within = (kind.role === 'connection' && kind.longestDelay?.(own)) || 0;
    const before = ({ source, delay }: ResolvedEdge) =>
      delay + (connectivity[source] === undefined ? 0 : latest(source)[0]!);
    const longest = endless ? Number.POSITIVE_INFINITY : largest(incoming[node]!.map(before));
    return Float64Array.of(within + longest);
  });

  return {
    into: (node) => largest(arriving(node)),
    outOf: (node) => largest(leaving(node)),
    delayInto: (node) => latest(node)[0]!,
  };
}

/** A function of a node whose results are kept; `endless` where it asks for a result that is being worked out. */
function remembered(of: (node: number, endless: boolean) => Float64Array): (node: number) => Float64Array {
  const known = new Map<number, Float64Array>();
  const open = new Set<number>();
  return (node) => {
    const result = known.get(node);
    if (result !== undefined) return result;
    if (open.has(node)) return of(node, true);
    open.add(node);
    const found = of(node, false);
    known.set(node, found);
    return found;
  };
}

function ones(length: number): Float64Array {
  return new Float64Array(length).fill(1);
}

function endlessly(length: number): Float64Array {
  return new Float64Array(length).fill(Number.POSITIVE_INFINITY);
}

function sumOf(length: number, parts: readonly Float64Array[]): Float64Array {
  const sum = new Float64Array(length);
  for (const part of parts) for (let k = 0; k < length; k++) sum[k]! += part[k]!;
  return sum;
}

function largest(values: Iterable<number>): number {
  let most = 0;
  for (const value of values) most = Math.max(most, value);
  return most;
}
