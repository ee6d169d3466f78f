import {
  type Connectivity,
  elementCount,
  type Firing,
  type InputQuantization,
  type IntegerForm,
  integerFormOf,
  isIdentity,
  linearDynamics,
  type Model,
  type NeuronQuantization,
  type ResolvedEdge,
  type ResolvedGraph,
  resolveGraph,
  type TensorData,
  unitOf,
  type Wiring,
} from '@spikewire/models';

/** How values come from an Input or a population to where weights or an Output take them. */
export interface Route {
  /** Place of the Input or population. */
  readonly source: number;
  /** Steps from emission to arrival: all delays on the way, before and behind the weights. */
  readonly delay: number;
  /** Poolings on the way, in order; reshaping leaves no trace. The factor of an average is in the constants behind. */
  readonly poolings: readonly Connectivity[];
}

/** A connection with weights on its way from one source to its population. */
export interface Projection {
  readonly route: Route;
  /** Place of the connection node. */
  readonly connection: number;
  readonly connectivity: Connectivity;
  /** q, as in the model. */
  readonly integers: TensorData;
  /** h. */
  readonly shift: number;
  readonly learns: boolean;
  /** Poolings between the weights and the population, in order. */
  readonly poolingsBehind: readonly Connectivity[];
}

export interface PopulationProgram {
  readonly place: number;
  readonly size: number;
  readonly constants: NeuronQuantization;
  /** Undefined for read-outs. */
  readonly firing: Firing | undefined;
  readonly projections: readonly Projection[];
  /** 16 where it is proved that every sum of arrivals, and so every partial sum, stays within ±32,767. */
  readonly accumulatorBits: 16 | 32;
}

export interface InputProgram {
  readonly place: number;
  readonly size: number;
  readonly constants: InputQuantization;
}

/** An edge into an Output: whole numbers are summed over the routes before the sum is multiplied by `unit`. */
export interface OutputFeed {
  readonly routes: readonly Route[];
  /** Real value of 1. */
  readonly unit: number;
}

export interface OutputProgram {
  readonly place: number;
  readonly size: number;
  /** What comes together in the Output, in the order of the graph's edges. */
  readonly feeds: readonly OutputFeed[];
}

/** An integer model in the form that a fast engine runs: per step inputs, then populations in this order, then outputs. */
export interface IntegerProgram {
  readonly form: IntegerForm;
  readonly graph: ResolvedGraph;
  readonly inputs: readonly InputProgram[];
  readonly populations: readonly PopulationProgram[];
  readonly outputs: readonly OutputProgram[];
  /** By place of an Input or population: how many steps its events are needed for after their own. */
  readonly longestDelay: ReadonlyMap<number, number>;
}

/** Compiles an integer model. Throws `unsupported` or `graph` where it has no integer form or its constants are not whole. */
export function compileInteger(model: Model): IntegerProgram {
  const graph = resolveGraph(model.graph, model.semantics);
  const form = integerFormOf(model, graph);
  const inputs: InputProgram[] = [];
  const populations: PopulationProgram[] = [];
  const outputs: OutputProgram[] = [];
  graph.nodes.forEach((node, place) => {
    const size = elementCount(node.shape);
    if (node.kind.role === 'input') {
      inputs.push({ place, size, constants: form.quantization.inputs.get(node.name)! });
    } else if (node.kind.role === 'neuron') {
      populations.push({
        place,
        size,
        constants: form.quantization.neurons.get(node.name)!,
        firing: linearDynamics(node).firing,
        projections: projectionsInto(place, form, model),
        accumulatorBits: form.largestSums.get(place)!.every((sum) => sum <= 32767) ? 16 : 32,
      });
    } else if (node.kind.role === 'output') {
      outputs.push({ place, size, feeds: feedsOf(place, form) });
    }
  });
  return { form, graph, inputs, populations, outputs, longestDelay: longestDelays(populations, outputs) };
}

/** All ways from Inputs and populations to the node at `place` that pass no weights. */
function routesTo(place: number, wiring: Wiring): Route[] {
  return wiring.incoming[place]!.flatMap((edge) => routesOver(edge, wiring));
}

/** The same over one edge. */
function routesOver({ source, delay }: ResolvedEdge, wiring: Wiring): Route[] {
  const connectivity = wiring.connectivity[source];
  if (connectivity === undefined) return [{ source, delay, poolings: [] }];
  return routesTo(source, wiring).map((route) => ({
    source: route.source,
    delay: route.delay + delay,
    poolings: isIdentity(connectivity) ? route.poolings : [...route.poolings, connectivity],
  }));
}

/** All ways from connections with weights to the node at `place`: the connection, the delay and the poolings behind it. */
function weightedWaysTo(place: number, wiring: Wiring): { at: number; delay: number; poolings: Connectivity[] }[] {
  return wiring.incoming[place]!.flatMap(({ source, delay }) => {
    const connectivity = wiring.connectivity[source];
    if (connectivity === undefined) return [];
    if (connectivity.weights !== undefined) return [{ at: source, delay, poolings: [] }];
    return weightedWaysTo(source, wiring).map((way) => ({
      at: way.at,
      delay: way.delay + delay,
      poolings: isIdentity(connectivity) ? way.poolings : [...way.poolings, connectivity],
    }));
  });
}

function projectionsInto(place: number, form: IntegerForm, model: Model): Projection[] {
  return weightedWaysTo(place, form.wiring).flatMap(({ at, delay, poolings }) => {
    const { name } = form.wiring.graph.nodes[at]!;
    const connectivity = form.wiring.connectivity[at]!;
    return routesTo(at, form.wiring).map((route) => ({
      route: { source: route.source, delay: route.delay + delay, poolings: route.poolings },
      connection: at,
      connectivity,
      integers: connectivity.weights!,
      shift: form.quantization.connections.get(name)!.shift,
      learns: model.learning.has(name),
      poolingsBehind: poolings,
    }));
  });
}

function feedsOf(place: number, { wiring, quantization }: IntegerForm): OutputFeed[] {
  return wiring.incoming[place]!.map((edge) => {
    return { routes: routesOver(edge, wiring), unit: unitOf(wiring, edge.source, quantization) };
  });
}

function longestDelays(populations: readonly PopulationProgram[], outputs: readonly OutputProgram[]) {
  const longest = new Map<number, number>();
  const routes = [
    ...populations.flatMap(({ projections }) => projections.map(({ route }) => route)),
    ...outputs.flatMap(({ feeds }) => feeds.flatMap((feed) => feed.routes)),
  ];
  for (const { source, delay } of routes) longest.set(source, Math.max(longest.get(source) ?? 0, delay));
  return longest;
}
